"""The database as the service sees it: connections, and all SQL that reads."""
