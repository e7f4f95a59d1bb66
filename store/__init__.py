"""What people write: the ratings store, apart from the read-only film database.

Nothing is written yet; the room is kept so that the rule of imports covers it from the start.
"""
