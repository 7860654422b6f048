"""What wirewatch tells the outside: one set of documents for the command line, alerts and Kibana.

These structs are apart from the messages between the stages, so that either can change without the other. A document names
its schema and version (`"schema": "wirewatch/article/1"`). A field or a value that is added keeps the number; one that is
removed, renamed or given another meaning raises it. Times are UTC, as RFC 3339 with `Z`. Offsets count code points of a text
that stands in the same document, end exclusive. What is not known is null.
"""
