"""Entries for spark-submit: arguments, session, read, one transform, write."""
