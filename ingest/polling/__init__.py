"""When feeds are asked, what in them is news, and how their sources do: decide.py decides, poller.py asks."""
