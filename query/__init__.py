"""The query language: one tree, one meaning, in search and live."""
