"""Links to single views, for people without log-in."""
