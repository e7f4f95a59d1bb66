"""A build in one page of HTML: what it is made of, how its films are distributed, what was checked.

The page needs nothing beside it: its charts are SVG, its style stands in it.
"""

from pathlib import Path

from jinja2 import Environment, PackageLoader

from workflow.report.charts import bars, histogram
from workflow.report.figures import figures_of


def report(file: Path, fingerprint: str = "") -> str:
    """The page of a build file, which bears the fingerprint. Raises BuildError."""
    figures = figures_of(file)
    charts = {
        "Films by year": histogram(figures.years, "year of release", "films"),
        "Films by rating": histogram(figures.ratings, "mean vote", "films"),
        "Films by votes": histogram(figures.votes, "votes, by tenfolds", "films", by_tenfolds=True),
        "Films by running time": histogram(
            figures.durations, "minutes; 300 and more in one", "films"
        ),
        "Films by genre": bars(figures.genres, "films"),
        "Pairs by similarity": histogram(
            figures.similarities, "similarity", "stored pairs", logarithmic=True
        ),
    }
    templates = Environment(
        loader=PackageLoader("workflow.report", ""), autoescape=True, trim_blocks=True
    )
    return templates.get_template("page.html").render(
        figures=figures, charts=charts, fingerprint=fingerprint
    )
