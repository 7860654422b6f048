"""The page and the API: what the archive holds, for a person and for a program, over the contract of the store."""
