"""Finds names of people, organisations and places in a text, and decides whose they are."""
