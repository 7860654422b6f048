"""From a feed's address to the clean text of its articles."""
