"""Who is told of an article, and how: alert definitions, the rules of when they fire, the message, the channels."""
