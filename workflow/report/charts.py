"""Charts as SVG that stands in a page: its texts are texts, in the page's own letters."""

import io
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workflow.report.figures import Histogram

_STYLE: Any = {  # its keys are as many names
    "svg.fonttype": "none",
    "svg.hashsalt": "filmkin",  # the same chart is the same text
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_COLOUR = "#2f6f9f"
_WIDE, _LOW, _A_BAR = 5.2, 2.6, 0.2  # inches


def histogram(
    counts: Histogram, what: str, of: str, *, by_tenfolds: bool = False, logarithmic: bool = False
) -> Markup:
    """Bars of one width, side by side. `by_tenfolds`: the steps are of the common logarithm;
    `logarithmic`: so are the heights.
    """
    with rc_context(_STYLE):
        figure, axes = _drawing(_LOW)
        begins = [begin for begin, _ in counts.counts]
        heights = [count for _, count in counts.counts]
        axes.bar(begins, heights, counts.width * 0.94, align="edge", color=_COLOUR)
        if by_tenfolds:
            tenfolds = range(int(max(begins, default=0)) + 2)
            axes.set_xticks(list(tenfolds), [_short(10**power) for power in tenfolds])
        if logarithmic:
            axes.set_yscale("log")
        axes.set_xlabel(what)
        axes.set_ylabel(of)
        axes.yaxis.set_major_formatter("{x:,.0f}")
        return _svg(figure)


def bars(counts: Sequence[tuple[str, int]], of: str) -> Markup:
    """A bar a text, the first at the top, its count at its end."""
    with rc_context(_STYLE):
        figure, axes = _drawing(0.6 + _A_BAR * len(counts))
        drawn = axes.barh(
            [text for text, _ in counts], [count for _, count in counts], color=_COLOUR
        )
        axes.bar_label(drawn, fmt="{:,.0f}", padding=3, fontsize=8)
        axes.invert_yaxis()
        axes.set_xlabel(of)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.margins(x=0.12)
        return _svg(figure)


def _short(number: int) -> str:
    """1000 as 1K, 1000000 as 1M."""
    for size, letter in ((10**6, "M"), (10**3, "K")):
        if number >= size:
            return f"{number // size}{letter}"
    return str(number)


def _drawing(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDE, height), layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Figure) -> Markup:
    text = io.StringIO()
    figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    drawing = text.getvalue()
    return Markup(drawing[drawing.index("<svg") :])  # noqa: S704  the library's own, all escaped
