"""Alerts on the page and in the API: the list, an alert and its history, an alert made or changed beside its back-test."""
