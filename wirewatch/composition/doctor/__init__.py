"""Examines an installation: configuration, lists, machine, data, servers, network. It changes no data and sends no alert."""
