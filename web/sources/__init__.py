"""Sources on the page and in the API: how each does, when it is asked next, and the feed list changed."""
