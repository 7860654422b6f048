"""The API, version 1: the documents of `wirewatch schema` over HTTP."""
