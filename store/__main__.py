"""python -m store backup|restore FILE: all ratings as a file, and back into any database.

python -m store where FOLDER: the URL of the store that the service uses.
"""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from filmkin.errors import FilmkinError
from store.backup import backup, restore
from store.location import DEFAULT, VARIABLE, url_in
from store.ratings import RatingStore


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except FilmkinError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{options.file}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m store", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    write = commands.add_parser("backup", help="write all ratings to a file, while others write")
    read = commands.add_parser("restore", help="fill a store with the ratings of a file")
    where = commands.add_parser("where", help=f"print ${VARIABLE}, else the URL for a folder")
    where.add_argument("folder", type=Path)
    for command in (write, read):
        command.add_argument("file", type=Path)
        command.add_argument(
            "--url",
            default=url_in(Path()),
            help=f"of the store, in SQLAlchemy's form; default: ${VARIABLE}, else {DEFAULT}",
        )
    read.add_argument("--replace", action="store_true", help="forget what the store holds now")
    return parser


def _run(options: argparse.Namespace) -> None:
    """A backup of a store that is not there would be an empty one that nobody asked for."""
    if options.command == "where":
        print(url_in(options.folder))
        return
    with closing(RatingStore(options.url, make=options.command == "restore")) as store:
        if options.command == "backup":
            print(f"{backup(store, options.file):,} ratings written to {options.file}")
        else:
            count = restore(store, options.file, replace=options.replace)
            print(f"{count:,} ratings restored from {options.file}")


if __name__ == "__main__":
    sys.exit(main())
