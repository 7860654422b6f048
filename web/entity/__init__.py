"""Entities: the page of a person, organisation or place."""
