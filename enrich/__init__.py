"""What an article is about: its language, topics and entities."""
