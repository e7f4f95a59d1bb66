"""The notebooks, run by the batch on the sample."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.batch import SCHEDULING_ERROR, TASK_FAILED, Batch, ran
from tests.world import Film, film, publish
from workflow import notebooks
from workflow.checksum import checksum_file
from workflow.notebooks import NAMES


@pytest.fixture(scope="module")
def batch(undisturbed: Batch, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """A finished root on whose build all notebooks were run."""
    root = tmp_path_factory.mktemp("notebooks") / "root"
    shutil.copytree(undisturbed.root, root, symlinks=True)
    batch = Batch(root, undisturbed.source, undisturbed.settings)
    log = batch.run(task="Notebooks")
    assert ran(log) == {f"Notebook {name}, build=" for name in NAMES}
    return batch


def page(batch: Batch, name: str) -> str:
    build = batch.link.resolve()
    return (build.with_suffix(".notebooks") / f"{name}.html").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_its_notebook_and_loads_nothing_from_elsewhere(
    batch: Batch, name: str
) -> None:
    html = page(batch, name)
    number, title = name.split("_")[0], re.escape(name.split("_")[1])
    assert re.search(rf"<h1[^>]*>{number}\. [^<]*{title}", html, re.IGNORECASE)
    assert not re.findall(
        r"<(?:script|img|link|iframe)[^>]+(?:src|href)=[\"']?(?:https?:)?//", html
    )
    assert not re.findall(r"(?:import\(|import .* from |url\()\s*[\"']?(?:https?:)?//", html)
    assert "Traceback" not in html


def test_the_pages_tell_what_the_build_holds(batch: Batch) -> None:
    ((films,),) = batch.rows("(SELECT count(*) FROM films)")
    assert re.search(rf"films +{films:,}  One row a film", page(batch, "2_films"))
    ((lines,),) = batch.rows(
        "(SELECT s.lines FROM (SELECT unnest(sources) AS s FROM build)"
        " WHERE s.name = 'title.basics.tsv.gz')"
    )
    assert f"<td>{lines}</td>" in page(batch, "1_source_files")
    series = json.loads((Path(batch.source) / "franchises.json").read_text("utf-8"))
    told = f"{len(series)} series, {sum(map(len, series.values()))} films"
    assert told in page(batch, "4_similarity_functions")


NOTHING_KNOWN = [
    film(n, title, year=None, duration=None, rating=None, vote_count=None, persons=[], genres=[])
    for n, title in enumerate(("Ash", "Oak", "Elm", "Yew", "Fir", "Alder", "Birch", None), 1)
]


@pytest.mark.filterwarnings("default")  # what Jupyter's own libraries say of each other
@pytest.mark.parametrize(
    ("films", "names"),
    [
        (NOTHING_KNOWN, NAMES[1:]),  # the first looks at source files, of which there are none
        ([film(1, "Alien")], NAMES[2:4]),  # those that look for a film's kin
    ],
    ids=["unknown", "one"],
)
def test_a_build_that_holds_next_to_nothing_is_shown_as_well(
    films: list[Film], names: tuple[str, ...], tmp_path: Path
) -> None:
    file = publish(tmp_path, films).resolve()
    (tmp_path / "franchises.json").write_text(json.dumps({"Alien": ["tt0000001", "tt0000002"]}))
    (tmp_path / "ml-latest-small").mkdir()
    (tmp_path / "ml-latest-small" / "links.csv").write_text("movieId,imdbId\n1,0099785\n")
    (tmp_path / "ml-latest-small" / "ratings.csv").write_text("userId,movieId,rating\n1,1,4.5\n")
    for name in names:
        assert "</html>" in notebooks.page(name, {"database": str(file), "known": str(tmp_path)})


def test_only_pages_whose_notebook_or_data_changed_are_made_again(
    batch: Batch, tmp_path: Path
) -> None:
    """As is that of the fourth with what it measures against, and one that is gone."""
    root = tmp_path / "root"
    shutil.copytree(batch.root, root, symlinks=True)
    again = Batch(root, batch.source, batch.settings)
    (again.link.resolve().with_suffix(".notebooks") / "5_queries.html").unlink()
    known = tmp_path / "known"
    known.mkdir()
    (known / "franchises.json").write_text("{}")
    log = again.run("--notebooks-known", str(known), task="Notebooks")
    made = ("4_similarity_functions", "5_queries")
    assert ran(log) == {f"Notebook {name}, build=" for name in made}


def test_a_build_that_is_named_needs_nothing_but_itself(batch: Batch, tmp_path: Path) -> None:
    """And a notebook that finds no source files says so, by its cell."""
    builds = tmp_path / "root" / "duckdb" / "builds"
    builds.mkdir(parents=True)
    build = shutil.copy(batch.link.resolve(), builds)
    shutil.copy(checksum_file(batch.link.resolve()), builds)
    alone = Batch(tmp_path / "root", str(tmp_path / "nowhere"))
    build_id = Path(build).stem.removeprefix("films-")
    alone.run("--name", "5_queries", "--build", build_id, task="Notebook")
    log = alone.run(
        "--name", "1_source_files", "--build", build_id, task="Notebook", expect=TASK_FAILED
    )
    assert re.search(r"BuildError: 1_source_files, cell \d+: FileNotFoundError: neither ", log)
    pages = Path(build).with_suffix(".notebooks")
    assert [file.name for file in pages.iterdir()] == ["5_queries.html"]
    another = ("--name", "5_queries", "--build", "of-another")
    log = alone.run(*another, task="Notebook", expect=SCHEDULING_ERROR)
    assert "There is no build of-another that can be read. There are: " in log
