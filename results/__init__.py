"""wirewatch's public documents: one set for the command line, alerts and Kibana.

These structs are separate from the messages between the stages, so that either can change without the other. A document names
its schema and version (`"schema": "wirewatch/article/1"`). An added field or value keeps the number; one that is removed,
renamed or given another meaning raises it. Times are UTC, as RFC 3339 with `Z`. Offsets count code points of a text in the same
document, end exclusive. Unknown values are null.
"""
