"""The README says what the code does."""

import re
import subprocess
from pathlib import Path

from tests.readme_tables import README, with_tables
from workflow.config import SECTIONS

ROOT = Path(__file__).parents[2]


def test_the_tables_are_those_of_the_code() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_tables(text) == text, "make readme writes them anew"


def test_every_make_target_that_the_readme_names_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = set(re.findall(r"^make (\w+)", listed.stdout, re.MULTILINE))
    named = set(
        re.findall(
            r"`?make (\w+)", "\n".join(re.findall(r"^ *make .*|`make [^`]*`", text, re.MULTILINE))
        )
    )
    assert named
    assert named <= targets


def test_every_file_that_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_setting_that_the_makefile_gives_the_batch_is_there() -> None:
    families = {str(section.get_task_family()): section for section in SECTIONS}
    given = re.compile(rf"--({'|'.join(families)})-([a-z-]+)")
    named = set(given.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    assert named
    for family, name in named:
        assert name.replace("-", "_") in dict(families[family].get_params()), name
