"""Matches many queries against each incoming article."""
