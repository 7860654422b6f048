"""Alerts on articles: their definitions, the rules for when they fire, the message, and the channels."""
