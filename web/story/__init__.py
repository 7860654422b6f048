"""Stories: the pages of events, and of the reports on them."""
