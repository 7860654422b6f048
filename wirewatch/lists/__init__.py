"""The lists that users edit: feeds, topics, alerts."""
