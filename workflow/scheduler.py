"""python -m workflow.scheduler: luigid, whose page shows the graph and the history of the tasks.

Takes luigid's own options. What it remembers is kept where [scheduler] and [task_history] of
luigi.cfg say.
"""

import sys

import luigi.cmdline
import luigi.db_task_history


def main(arguments: list[str] | None = None) -> None:
    # Luigi 3.8 looks for an old schema in a way that SQLAlchemy 2 refuses, and ends; a history that
    # it makes itself has the new one (https://github.com/spotify/luigi/issues/3227).
    luigi.db_task_history._upgrade_schema = lambda _: None
    luigi.cmdline.luigid(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    main()
