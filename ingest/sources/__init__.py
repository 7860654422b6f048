"""What is polled: the feed list, and finding the feed of a site."""
