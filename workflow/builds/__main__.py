"""python -m workflow.builds list|changes|publish|prune|export|import"""

import argparse
import sys
from pathlib import Path

from filmkin.errors import FilmkinError
from workflow import config
from workflow.builds import Build, Builds
from workflow.claim import claim
from workflow.storage import clear_storage_errors

EXAMPLES = 10  # films shown of each kind
_CHANGES_WHAT_IS_THERE = {"publish", "prune", "import"}


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    paths = config.paths(root=options.root) if options.root else config.paths()
    try:
        with clear_storage_errors():
            if options.command in _CHANGES_WHAT_IS_THERE:
                claim(paths.folder)
            _run(options, Builds(paths.builds, paths.database))
    except FilmkinError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m workflow.builds", description=__doc__)
    parser.add_argument("--root", help="folder of duckdb/; default: [paths] root of luigi.cfg")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the builds, the newest first; * is what is served")
    changes = commands.add_parser("changes", help="films added, removed and changed")
    changes.add_argument("older")
    changes.add_argument("newer")
    publish = commands.add_parser(
        "publish", help="serve this build from now on, until the batch makes another"
    )
    publish.add_argument("build")
    prune = commands.add_parser("prune", help="drop the oldest builds, never the one served")
    prune.add_argument("--keep", type=int, help="how many stay; default: [builds] keep")
    export = commands.add_parser("export", help="copy a build into a folder, with its checksum")
    export.add_argument("build")
    export.add_argument("folder", type=Path)
    bring = commands.add_parser("import", help="check an exported build and serve it")
    bring.add_argument("file", type=Path)
    return parser


def _run(options: argparse.Namespace, builds: Builds) -> None:
    match options.command:
        case "list":
            for build in builds.all():
                print(_line(build))
        case "changes":
            for name, films in builds.changes(options.older, options.newer)._asdict().items():
                print(f"{name}: {len(films):,} films")
                for film in films[:EXAMPLES]:
                    print(f"  {film.film_id}  {film.title or ''}")
        case "publish":
            builds.publish(options.build)
        case "prune":
            keep = config.builds().keep if options.keep is None else options.keep
            builds.prune(keep)
        case "export":
            print(builds.export(options.build, options.folder))
        case "import":
            builds.bring(options.file, config.checks().limits())


def _line(build: Build) -> str:
    mark = "*" if build.is_published else " "
    rows = f"{build.films:>9,} films {build.pairs:>13,} pairs"
    size = f"{build.bytes / 1e6:>10,.1f} MB"
    return f"{mark} {build.build_id}  {build.created:%Y-%m-%d %H:%M} UTC  {rows} {size}"


if __name__ == "__main__":
    sys.exit(main())
