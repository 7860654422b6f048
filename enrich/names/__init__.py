"""Names of people, organisations and places in a text, and whose names they are."""
