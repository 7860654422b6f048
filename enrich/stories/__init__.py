"""Which articles are copies of one text, and which tell of one happening: found online, in one pass."""
