"""Finds names of people, organisations and places in a text, and decides whom or what they mean."""
