"""Who may use the page: people, their passwords, sessions and tokens, and the log of what they changed."""
