"""Every error that Filmkin raises on purpose.

    FilmkinError
    |-- SourceError              a source cannot be used; the message opens with its name
    |   |-- DownloadError        it could not be fetched whole
    |   |-- CorruptFileError     it is not a whole gzip file
    |   |-- HeaderError          its columns are not the declared ones
    |   |-- IncompleteError      rows are missing after staging
    |   `-- MixedNightsError     it does not belong together with the other files
    |-- SettingError             a setting has a value that means nothing
    |-- StorageError             a disk refuses what is to be written: it is full, or read-only
    |-- StoreError               what people write cannot be stored or read as asked
    |   |-- StoreUnavailableError  its database cannot be reached, is locked, or full
    |   `-- BackupError          a file is not a whole backup of it
    |-- BuildError               a build may not be published
    |-- BusyError                another process works in the same folder
    |-- NotFoundError            what was asked for does not exist
    |   |-- UnknownFilmError
    |   |-- UnknownPersonError
    |   `-- UnknownUserError
    |-- InvalidQueryError        the question itself is wrong
    |   `-- InvalidPatternError  a regular expression that does not compile
    |-- AccessError              what is asked for is not for everyone
    |   |-- UnidentifiedError      nobody says who asks
    |   `-- ForbiddenError         it is for somebody else, or for reading alone
    |-- TooManyRequestsError     a client asked more often than its limit allows
    `-- UnavailableError         no database can answer now, or what it takes is not set up

The message says what was wrong and what was there.
"""


class FilmkinError(Exception):
    """Base class: catching it catches every error of the project."""


class SourceError(FilmkinError):
    """A source cannot be used. `source` is the name of the file or its address."""

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source}: {problem}")
        self.source = source
        self.problem = problem


class DownloadError(SourceError):
    """A file could not be fetched whole.

    `retryable` says whether asking again can help, `retry_after` the seconds the host named.
    """

    def __init__(
        self, source: str, problem: str, *, retryable: bool = True, retry_after: float | None = None
    ) -> None:
        super().__init__(source, problem)
        self.retryable = retryable
        self.retry_after = retry_after


class CorruptFileError(SourceError):
    """A file is not one whole gzip stream."""


class HeaderError(SourceError):
    """The columns of a file are not the declared ones."""


class IncompleteError(SourceError):
    """The rows of a staged file do not add up to its lines."""


class MixedNightsError(SourceError):
    """A file is not of the same night as the others."""


class SettingError(FilmkinError):
    """A setting has a value that means nothing."""


class StorageError(FilmkinError):
    """A disk refuses what is to be written or read."""


class StoreError(FilmkinError):
    """What people write cannot be stored or read as asked; nothing of it was stored."""


class StoreUnavailableError(StoreError):
    """The store's database cannot be reached, is locked, or full.

    Where it was lost while it stored something, that may be stored or not.
    """


class TooManyRatingsError(StoreError):
    """A person would come to have rated more films than one may."""

    def __init__(self, rated: int, wanted: int, most: int) -> None:
        super().__init__(
            f"{rated:,} films are rated already, with these it would be {wanted:,}, and {most:,}"
            " may be."
        )


class BackupError(StoreError):
    """A file is not a whole backup of the store. `file` is its name."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file = file


class BuildError(FilmkinError):
    """A build may not be published."""


class BusyError(FilmkinError):
    """Another process works in the folder `root`; `holder` says which."""

    def __init__(self, root: str, holder: str) -> None:
        super().__init__(f"{root}: another run works here ({holder}). Run again once it has ended.")
        self.root = root
        self.holder = holder


class NotFoundError(FilmkinError):
    """What was asked for does not exist."""


class UnknownFilmError(NotFoundError):
    """No film of the catalogue has this id."""

    def __init__(self, film_id: int) -> None:
        super().__init__(f"There is no film {film_id}.")
        self.film_id = film_id


class UnknownFileError(NotFoundError):
    """The page has no file of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The page has no file {name}.")
        self.name = name


class UnknownPersonError(NotFoundError):
    """Nobody of the catalogue has this id."""

    def __init__(self, person_id: int) -> None:
        super().__init__(f"There is no person {person_id}.")
        self.person_id = person_id


class UnknownUserError(NotFoundError):
    """Nobody who rated films has this id."""

    def __init__(self, user_id: str) -> None:
        super().__init__(f"There is no user {user_id}.")
        self.user_id = user_id


class InvalidQueryError(FilmkinError):
    """The question itself is wrong. `field` names the part of it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class InvalidPatternError(InvalidQueryError):
    """A regular expression that RE2 does not accept."""


class AccessError(FilmkinError):
    """What is asked for is not for everyone."""


class UnidentifiedError(AccessError):
    """Nobody says who asks, or not in a way that can be believed."""


class ForbiddenError(AccessError):
    """It is for somebody else, or for reading alone."""


class TooManyRequestsError(FilmkinError):
    """A client asked more often than its limit allows. `retry_after` is in seconds."""

    def __init__(self, limit: str, retry_after: int) -> None:
        super().__init__(f"The limit is {limit}; ask again in {retry_after} s.")
        self.retry_after = retry_after


class UnavailableError(FilmkinError):
    """No database can answer now, or what it takes is not set up."""
