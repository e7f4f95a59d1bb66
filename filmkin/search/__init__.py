"""Free-text search: what is indexed, what a query means, which films answer it best."""
