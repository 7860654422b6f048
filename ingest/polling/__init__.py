"""Polling: when to poll each feed, what is new in it, and the health of its source. decide.py decides, poller.py polls."""
