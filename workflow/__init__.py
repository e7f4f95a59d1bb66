"""The batch: transforms from DataFrame to DataFrame, and the shells that read and write."""
