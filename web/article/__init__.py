"""The page of an article: its text, marked, and what is known of it."""
