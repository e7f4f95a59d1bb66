"""What stands in notebooks/: text and code, nothing that was put out; and how a page is made of it."""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from filmkin.errors import BuildError
from tests.unit.test_imports import ROOMS
from workflow import notebooks
from workflow.code_version import code_version, imports

# Beside the project's rooms and the standard library.
LIBRARIES = {
    "duckdb",
    "IPython",
    "matplotlib",
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
}


def cells(name: str) -> Iterator[dict[str, Any]]:
    yield from json.loads(notebooks.file_of(name).read_text("utf-8"))["cells"]


def test_every_notebook_is_run() -> None:
    assert sorted(notebooks.NAMES) == [
        file.stem for file in sorted(notebooks.FOLDER.glob("*.ipynb"))
    ]


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_a_notebook_holds_nothing_that_was_put_out(name: str) -> None:
    nbformat.validate(nbformat.read(notebooks.file_of(name), as_version=4))
    code = [cell for cell in cells(name) if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in code] == [[]] * len(code)
    assert {cell["execution_count"] for cell in code} == {None}


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_a_notebook_imports_rooms_and_libraries_for_looking(name: str) -> None:
    tops = {module.split(".")[0] for module in imports(ast.parse(notebooks.code_of(name)))}
    assert tops <= LIBRARIES | set(ROOMS) - {"tests"} | set(sys.stdlib_module_names)


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_a_notebook_opens_with_a_title_and_its_parameters(name: str) -> None:
    title, parameters, *_ = cells(name)
    number = name.split("_")[0]
    assert title["source"][0].startswith(f"# {number}. ")
    assert parameters["metadata"]["tags"] == ["parameters"]
    assert 'database = "../duckdb/films.duckdb"' in "".join(parameters["source"])


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of notebooks for one test."""
    monkeypatch.setattr(notebooks, "FOLDER", tmp_path)
    return tmp_path


def write(file: Path, *sources: str) -> None:
    """A notebook: a title, parameters, and these cells of code."""
    new = nbformat.v4
    title = new.new_markdown_cell("# 1. A <title> & more")
    parameters = new.new_code_cell('database = ""', metadata={"tags": ["parameters"]})
    code = [new.new_code_cell(source) for source in sources]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new.new_notebook(cells=[title, parameters, *code], metadata=kernel), file)


@pytest.mark.filterwarnings("default")  # what Jupyter's own libraries say of each other
def test_a_page_has_what_its_cells_show(own: Path) -> None:
    picture = 'display(SVG(\'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>\'))'
    write(
        own / "one.ipynb", "print(database.upper())", f"from IPython.display import SVG\n{picture}"
    )
    given = {"database": "a file", "another": "that this notebook does not ask for"}
    page = notebooks.page("one", given, "its fingerprint")
    assert "A FILE" in page
    assert page.endswith("<!-- its fingerprint -->\n")
    assert 'alt="1. A &lt;title&gt; &amp; more"' in page
    assert "another" not in page


@pytest.mark.filterwarnings("default")
def test_a_cell_that_fails_is_told(own: Path) -> None:
    write(own / "one.ipynb", "1 / 0")
    with pytest.raises(BuildError, match=r"^one, cell \d: ZeroDivisionError: division by zero$"):
        notebooks.page("one", {})


def test_its_version_is_of_the_notebook_and_of_the_code_that_it_runs(own: Path) -> None:
    def version(*sources: str) -> str:
        write(own / "one.ipynb", *sources)
        for cell in (notebook := json.loads((own / "one.ipynb").read_text("utf-8")))["cells"]:
            cell["id"] = "same"
        (own / "one.ipynb").write_text(json.dumps(notebook), "utf-8")
        return notebooks.version_of("one")

    assert version("1") == version("1") != version("2")
    _, code = version("from filmkin.text import fold").split()
    assert code == code_version("filmkin.text", "filmkin.text.fold")
    assert version("from benchmarks.quality import ndcg").split()[1] != code_version()
