"""Lists of articles in the forms that other programs read."""
