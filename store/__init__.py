"""What people write: the ratings store, apart from the read-only film database.

ratings.py       the store: one transaction at a time, durable when it returns
group_commit.py  its front in an event loop: what comes together is committed together
backup.py        the whole of it as a file, and back into any database
allowance.py     how many films a person may rate
location.py      where the store is         opened_file.py  whether a SQLite file is still there
values.py        a rating, a write, what can be asked of the store
schema.py        the tables         database.py  what SQLite and PostgreSQL do differently
"""
