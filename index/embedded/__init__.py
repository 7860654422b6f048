"""The archive on this machine: tantivy over documents in SQLite."""
