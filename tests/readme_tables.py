"""The README's tables, made from the code: `python -m tests.readme_tables` writes them anew.

A table stands between `<!-- NAME -->` and `<!-- /NAME -->`.
"""

import inspect
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import luigi

import tasks
from api.app import create_app
from api.settings import Settings
from filmkin.catalogue import TABLES
from workflow.config import SECTIONS

README = Path(__file__).parents[1] / "README.md"


def task_table() -> str:
    classes = [
        task
        for _, task in inspect.getmembers(tasks, inspect.isclass)
        if issubclass(task, luigi.Task) and task.__module__ == tasks.__name__ and task.__doc__
    ]
    classes.sort(key=lambda task: inspect.getsourcelines(task)[1])
    rows = []
    for task in classes:
        if task is tasks.BuildTask:
            continue  # what the steps of a build share; no task of its own
        own = [name for name, p in task.get_params() if p.positional and p.description]
        rows.append((f"`{task.__name__}({', '.join(own)})`", task.__doc__))
    return _table(("task", "what it does"), rows)


def setting_table() -> str:
    rows = []
    for section in SECTIONS:
        for name, parameter in section.get_params():
            option = f"--{section.__name__}-{name}".replace("_", "-")
            default = str(parameter._default) or " "
            rows.append(
                (
                    f"`[{section.__name__}] {name}`",
                    f"`{default}`",
                    parameter.description,
                    f"`{option}`",
                )
            )
    return _table(("setting", "default", "what it means", "on the command line"), rows)


def service_table() -> str:
    rows = [
        (f"`FILMKIN_{name.upper()}`", f"`{field.default}`", field.description)
        for name, field in Settings.model_fields.items()
    ]
    return _table(("variable", "default", "what it means"), rows)


def route_table() -> str:
    paths = create_app(Settings()).openapi()["paths"]
    rows = [
        (f"`{method.upper()} {path}`", operation["description"])
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]
    return _table(("route", "what it answers"), rows)


def column_tables() -> str:
    parts = []
    for table in TABLES:
        rows = [(f"`{c.name}`", f"`{c.type}`", c.description, c.source) for c in table.columns]
        parts.append(f"**`{table.name}`**: {table.description}\n")
        parts.append(_table(("column", "type", "what it is", "from"), rows))
    return "\n".join(parts)


RENDERED: dict[str, Callable[[], str]] = {
    "tasks": task_table,
    "settings": setting_table,
    "service settings": service_table,
    "routes": route_table,
    "columns": column_tables,
}


def with_tables(readme: str) -> str:
    """The text with every table as the code has it now. Raises ValueError without its place."""
    for name, render in RENDERED.items():
        place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not place.search(readme):
            raise ValueError(f"the README has no place for {name}")
        table = render().replace("\\", r"\\")  # what it holds is no reference to a group
        readme = place.sub(rf"\1\n{table}\n\2", readme)
    return readme


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(_cell(cell) for cell in line) + " |\n" for line in lines)


def _cell(cell: object) -> str:
    return " ".join(str(cell).split()).replace("|", "\\|")


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text(encoding="utf-8")), encoding="utf-8")
