"""When feeds are asked, what in them is news, and how their sources do: what `ingest/poll.py` decides with."""
