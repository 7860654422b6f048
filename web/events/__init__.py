"""Server-sent events: what the archive gets and what alerts tell, as it happens."""
