"""The search box while one types: how the query is understood, and how it may go on."""
