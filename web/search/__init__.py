"""The search page: a view of the archive as its address, its chart, its facets, and the same in other forms."""
