"""The archive in Elasticsearch."""
