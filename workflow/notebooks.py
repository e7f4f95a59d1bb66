"""The notebooks, run on a build, as pages.

papermill runs each in a process of its own with parameters in place of those it opens with,
nbconvert makes the page. Both come with Poetry's group `notebooks`.
"""

import ast
import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filmkin.errors import BuildError, SettingError
from workflow.code_version import code_version, imports

FOLDER = Path(__file__).parents[1] / "notebooks"
NAMES = (
    "1_source_files",
    "2_films",
    "3_cosine_similarity",
    "4_similarity_functions",
    "5_queries",
    "6_search_index",
    "7_tastes",
    "8_predictions",
)

# What the template would load, each by its address.
_FETCHED = (
    "mathjax_url",
    "require_js_url",
    "jquery_url",
    "jupyter_widgets_base_url",
    "widget_renderer_url",
    "mermaid_js_url",
    "mermaid_layout_elk_js_url",
)
_SVG = "image/svg+xml"
_IMAGES = {"image/png", _SVG}


def file_of(name: str) -> Path:
    """Where a notebook stands."""
    return FOLDER / f"{name}.ipynb"


def code_of(name: str) -> str:
    """The Python text of a notebook."""
    return _joined(cell for cell in _cells(name) if cell["cell_type"] == "code")


def parameters_of(name: str) -> set[str]:
    """The names of a notebook's parameters: of what its cell with that tag assigns."""
    tagged = (cell for cell in _cells(name) if "parameters" in cell["metadata"].get("tags", ()))
    code = ast.parse(_joined(tagged))
    return {node.id for node in ast.walk(code) if isinstance(node, ast.Name)}


def _cells(name: str) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(file_of(name).read_text(encoding="utf-8"))["cells"]
    return cells


def _joined(cells: Iterable[dict[str, Any]]) -> str:
    return "\n".join("".join(cell["source"]) for cell in cells)


def known_files(name: str, folder: Path) -> list[Path]:
    """What a notebook reads in the folder of `known`, if that is one of its parameters."""
    if "known" not in parameters_of(name):
        return []
    return [file for file in (folder / one for one in _KNOWN) if file.is_file()]


_KNOWN = ("franchises.json", "ml-latest-small/links.csv", "ml-latest-small/ratings.csv")


def version_of(name: str) -> str:
    """A hash of a notebook and of the project's code that it runs."""
    text = hashlib.sha256(file_of(name).read_bytes()).hexdigest()
    return f"{text} {code_version(*imports(ast.parse(code_of(name))))}"


def page(name: str, parameters: Mapping[str, str], fingerprint: str = "") -> str:
    """Run a notebook; its page, in HTML that needs nothing beside it and bears the fingerprint.

    Of `parameters`, those that the notebook has are given to it. Raises BuildError where a cell
    fails, SettingError where the libraries are not installed.
    """
    try:
        import papermill
        from nbclient.exceptions import DeadKernelError
        from nbconvert import HTMLExporter
        from traitlets.config import Config
    except ImportError as error:
        told = f"notebooks need {error.name}: install Poetry's group notebooks (make setup does)"
        raise SettingError(told) from error

    own = parameters_of(name)
    given = {key: value for key, value in parameters.items() if key in own}
    with TemporaryDirectory(prefix="filmkin-") as folder:
        # By sockets in the folder: a port would be open to others on the machine.
        kernel = {"transport": "ipc", "connection_file": f"{folder}/kernel.json"}
        try:
            done = papermill.execute_notebook(
                str(file_of(name)),
                None,
                given,
                cwd=str(FOLDER),
                progress_bar=False,
                config=Config(KernelManager=kernel),
            )
        except papermill.PapermillExecutionError as error:
            told = f"{name}, cell {error.cell_index}: {error.ename}: {error.evalue}"
            raise BuildError(told) from error
        except DeadKernelError as error:
            told = f"{name}: {error}. Killed, perhaps for the memory that it took?"
            raise BuildError(told) from error
    _describe_images(done)
    # Mathematics and widgets would be fetched from elsewhere; none of the pages has any.
    nowhere = dict.fromkeys(_FETCHED, "")
    exporter = HTMLExporter(embed_images=True, **nowhere)
    html, _ = exporter.from_notebook_node(done)
    return f"{html}<!-- {fingerprint} -->\n"


def _describe_images(notebook: Any) -> None:
    """Say of each image, to those who cannot see it, under which heading it stands.

    nbconvert's own template has no place for that.
    """
    heading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            titles = [line for line in cell.source.splitlines() if line.startswith("#")]
            heading = titles[-1].lstrip("# ") if titles else heading
        for output in cell.get("outputs", []):
            for kind in _IMAGES & set(output.get("data", ())):
                image = output.data[kind]
                if kind == _SVG:
                    image = b64encode(image.encode()).decode()
                described = f'<img alt="{escape(heading)}" src="data:{kind};base64,{image}">'
                output.data = {"text/html": described}
