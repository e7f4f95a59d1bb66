"""python -m workflow.report [BUILD]: write the report of the published build, or of another."""

import argparse
import sys
from pathlib import Path

from filmkin.errors import FilmkinError
from workflow import config
from workflow.builds import Builds
from workflow.load import report_file
from workflow.report import report
from workflow.scratch import write_whole
from workflow.storage import clear_storage_errors


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m workflow.report", description=__doc__)
    parser.add_argument("build", nargs="?", help="its id; default: what is published")
    parser.add_argument("--root", help="folder of duckdb/; default: [paths] root of luigi.cfg")
    parser.add_argument("--out", type=Path, help="the file to write; default: beside the builds")
    options = parser.parse_args(arguments)
    paths = config.paths(root=options.root) if options.root else config.paths()
    try:
        with clear_storage_errors():
            builds = Builds(paths.builds, paths.database)
            file = builds.file(options.build) if options.build else paths.database
            out = options.out or report_file(file.resolve())
            out.parent.mkdir(parents=True, exist_ok=True)
            write_whole(out, report(file))
    except FilmkinError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
