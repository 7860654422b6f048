"""The search box while someone types: how the query is understood, and how it may continue."""
