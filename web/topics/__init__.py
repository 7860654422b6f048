"""Topics on the page and in the API: how much each tags, and a definition changed beside its effect."""
