"""Pictures of articles: fetched, made small and kept by us, so that a reader's browser asks no stranger for anything."""
