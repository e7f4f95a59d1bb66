"""The page in a real browser, over a real server with the limits that it has by default."""

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

from tests.server import Server, server
from tests.world import Film, film, publish

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

PLOT = "A boy of eight is left behind at christmas. Burglars come, and he defends the house."


def _others() -> Iterator[Film]:
    """Films enough for several pages, of several decades, genres and languages."""
    for n in range(60):
        yield film(
            1000 + n,
            f"{('Ember', 'Harbour', 'Lantern')[n % 3]} {('Wars', 'Song', 'Road', 'Night')[n % 4]} {n}",
            persons=[f"Actor {n % 7}", f"Writer {n % 5}"],
            year=date(1970 + n, 1, 1),
            genres=["Drama", "War"][: 1 + n % 2],
            duration=80 + 2 * n,
            rating=Decimal(50 + n % 45) / 10,
            vote_count=10 * n,
            details={"language": ("en", "fr", "ko")[n % 3]},
        )


FILMS: list[Film] = [
    film(99785, "Home Alone", persons=["Macaulay Culkin", "Joe Pesci", "Chris Columbus"], directors=["Chris Columbus"], genres=["Comedy", "Family"], year=date(1990, 1, 1), vote_count=300_000, rating=Decimal("7.50"), details={"overview": PLOT, "language": "en", "budget": 18_000_000, "budget_currency": "USD"}),
    film(104431, "Home Alone 2: Lost in New York", persons=["Macaulay Culkin", "Joe Pesci", "Chris Columbus"], directors=["Chris Columbus"], genres=["Comedy", "Family"], year=date(1992, 1, 1), vote_count=200_000, rating=Decimal("6.60")),
    film(104952, "My Cousin Vinny", persons=["Joe Pesci", "Marisa Tomei"], genres=["Comedy", "Crime"], year=date(1992, 1, 1), vote_count=100_000, rating=Decimal("7.60")),
    film(5, None, original_title=None, year=None, rating=None, duration=None, vote_count=None, genres=[], persons=[]),
    film(6, "Namesakes", persons=["Sam Lee", "Sam Lee", "Ann Ray"], person_ids=[7001, 7002, 7003], directors=["Sam Lee"], rating=None, vote_count=None, year=None, duration=None, genres=[]),
    *_others(),
]  # fmt: skip


@pytest.fixture(scope="session")
def link(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("films"), FILMS, floor=0.05)


@pytest.fixture(scope="session")
def running(link: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("server"), link) as started:
        yield started


@pytest.fixture(scope="module")  # while it is there, no other event loop may run in the process
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip(f"there is no Chromium on this machine ({', '.join(_NAMES)})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_SWITCHES)
        yield browser
        browser.close()


class Watch:
    """What a page complains of, and what it was answered."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.answers: list[Response] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", lambda answer: self.answers.append(answer))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def refused(self) -> list[str]:
        return [answer.url for answer in self.answers if answer.status >= 400]


@pytest.fixture
def page(browser: Browser, running: Server) -> Iterator[Page]:
    """A page of its own; nothing may be complained of or refused in it."""
    context = browser.new_context(base_url=running.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    watch = Watch(page)
    yield page
    context.close()
    assert watch.complaints == []
    assert watch.refused() == []
