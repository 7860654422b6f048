"""wirewatch: a streaming news monitor."""
