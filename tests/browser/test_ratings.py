"""Rating films on the page, and what it shows for it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import FILMS, Watch
from tests.browser.test_page import AXE
from tests.server import Server, server
from tests.service import with_ratings

ALONE, ALONE_2, VINNY = 99785, 104431, 104952


@pytest.fixture(scope="session")
def rating_server(link: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("ratings")
    with server(folder, link, **with_ratings(folder), rate_limits="off") as started:
        yield started


@pytest.fixture
def page(browser: Browser, rating_server: Server) -> Iterator[Page]:
    """A page of a person of their own; nothing may be complained of or refused in it."""
    context = browser.new_context(base_url=rating_server.url)
    page = context.new_page()
    page.set_default_timeout(10_000)
    watch = Watch(page)
    yield page
    context.close()
    assert watch.complaints == []
    assert watch.refused() == []


def stars(within: Page | Locator, title: str) -> Locator:
    return within.get_by_role("radiogroup", name=f"Your rating of {title}", exact=True)


def card(page: Page, title: str) -> Locator:
    return page.locator(".card").filter(has=page.get_by_role("heading", name=title, exact=True))


def stored(page: Page, user_id: str) -> dict[int, float]:
    answer = page.request.get(f"/user/{user_id}/ratings")
    return {one["film_id"]: one["rating"] for one in answer.json()}


def whose(page: Page) -> str:
    return str(page.request.get("/user").json()["user_id"])


def test_a_star_changes_what_is_for_you_at_once(page: Page) -> None:
    page.goto("/")
    assert page.request.get("/user").json() == {"user_id": None}
    page.get_by_role("link", name="For you").click()
    expect(page.get_by_text("Until then it shows what is known best")).to_be_visible()
    assert page.context.cookies() == []
    stars(card(page, "Home Alone"), "Home Alone").get_by_role("radio", name="5 stars").click()
    first = page.locator(".card").first
    expect(first.get_by_role("link").first).to_have_text("Home Alone 2: Lost in New York")
    expect(first.get_by_text("because you rated Home Alone")).to_be_visible()
    expect(first.get_by_text("found by what it is made of")).to_be_visible()
    expect(card(page, "Home Alone")).to_have_count(0)
    expect(page.get_by_role("heading", name="Your ratings")).to_contain_text("1")
    assert stored(page, whose(page)) == {ALONE: 5.0}
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("filmkin", True, "Strict")
    page.reload()
    expect(first.get_by_role("link").first).to_have_text("Home Alone 2: Lost in New York")


def test_stars_work_by_keyboard_alone(page: Page) -> None:
    page.goto(f"/?film={VINNY}")
    group = stars(page, "My Cousin Vinny")
    group.get_by_role("radio", name="1 star", exact=True).focus()
    for key, focused in (
        ("ArrowRight", "2 stars"), ("End", "5 stars"), ("ArrowUp", "1 star"),
        ("ArrowLeft", "5 stars"), ("Home", "1 star"), ("ArrowRight", "2 stars"),
        ("ArrowRight", "3 stars"), ("ArrowDown", "2 stars"), ("ArrowRight", "3 stars"),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(group.get_by_role("radio", name=focused, exact=True)).to_be_focused()
    expect(group.get_by_role("radio", checked=True)).to_have_count(0)  # walking rates nothing
    page.keyboard.press("Enter")
    chosen = group.get_by_role("radio", checked=True)
    expect(chosen).to_have_accessible_name("3 stars")
    expect(page.get_by_text("You gave My Cousin Vinny 3 stars.")).to_be_attached()
    page.keyboard.press("4")
    expect(chosen).to_have_accessible_name("4 stars")
    assert stored(page, whose(page)) == {VINNY: 4.0}
    page.keyboard.press("Delete")
    expect(chosen).to_have_count(0)
    expect(group.get_by_role("radio", name="1 star", exact=True)).to_be_focused()
    assert stored(page, whose(page)) == {}


def test_the_focus_goes_to_what_takes_a_films_place(page: Page) -> None:
    page.goto("/?view=for-you")
    second = page.locator(".card h3").nth(1).inner_text()
    group = stars(card(page, second), second)
    group.get_by_role("radio", name="1 star", exact=True).focus()
    page.keyboard.press("5")
    expect(card(page, second)).to_have_count(0)
    expect(page.locator(".card").nth(1).locator("h3 a")).to_be_focused()


def test_ratings_are_changed_and_forgotten_in_their_list(page: Page) -> None:
    page.goto("/?view=for-you")
    for title in ("Home Alone", "My Cousin Vinny"):
        stars(card(page, title), title).get_by_role("radio", name="4 stars").click()
        expect(card(page, title)).to_have_count(0)
    mine = page.get_by_role("region", name="Your ratings")
    expect(mine.get_by_role("listitem")).to_have_count(2)
    stars(mine, "Home Alone").get_by_role("radio", name="2 stars").click()
    expect(stars(mine, "Home Alone").get_by_role("radio", checked=True)).to_have_accessible_name(
        "2 stars"
    )
    mine.get_by_role("button", name="Forget my rating of My Cousin Vinny").click()
    expect(mine.get_by_role("listitem")).to_have_count(1)
    expect(mine.get_by_role("link", name="Home Alone")).to_be_focused()
    page.once("dialog", lambda dialog: dialog.dismiss())
    mine.get_by_role("button", name="Forget all my ratings").click()
    assert stored(page, whose(page)) == {ALONE: 2.0}
    page.once("dialog", lambda dialog: dialog.accept())
    mine.get_by_role("button", name="Forget all my ratings").click()
    expect(mine).to_have_count(0)
    assert stored(page, whose(page)) == {}


def test_what_is_for_you_is_narrowed_and_the_address_holds_it(page: Page) -> None:
    page.goto("/?view=for-you")
    page.get_by_label("Genre").select_option("War")
    page.get_by_label("From").fill("2000")
    page.get_by_label("From").press("Tab")
    page.get_by_label("to", exact=True).fill("2009")
    page.get_by_label("to", exact=True).press("Tab")
    page.get_by_label("Language").select_option("French")
    expect(page).to_have_url(re.compile(r"view=for-you&genre=War&from=2000&to=2009&language=fr"))
    expect(page.locator(".count")).to_have_text(re.compile(r"^\d+ films?$"))
    page.reload()
    expect(page.get_by_label("Genre")).to_have_value("War")
    expect(page.locator(".count")).to_have_text(re.compile(r"^\d+ films?$"))
    shown = page.locator(".card .facts span:first-child").all_inner_texts()
    assert shown
    assert all("2000" <= year <= "2009" for year in shown)


def test_a_list_that_comes_while_one_types_a_year_leaves_it_there(page: Page) -> None:
    held: list[Route] = []
    holds = True
    lists = re.compile("/ratings/top/|/film/search")
    page.route(lists, lambda route: held.append(route) if holds else route.continue_())
    with page.expect_request(lists):
        page.goto("/?view=for-you")
    page.get_by_label("From").press_sequentially("1990")
    expect(page.locator(".count")).to_have_text("Looking …")
    holds = False
    for route in held:
        route.continue_()
    expect(page.locator(".count")).to_have_text(re.compile(r"^\d+ films?$"))
    expect(page.get_by_label("From")).to_have_value("1990")
    page.get_by_label("From").press("Enter")
    expect(page).to_have_url(re.compile("from=1990"))


def test_the_newest_are_shown_when_they_are_asked_for(page: Page) -> None:
    page.goto("/?view=for-you")
    page.get_by_label("Show").select_option("The newest")
    newest = str(max(film["year"].year for film in FILMS if film["year"]))
    expect(page.locator(".card .facts").first).to_contain_text(newest)


def test_a_rating_that_is_refused_is_told(browser: Browser, rating_server: Server) -> None:
    page = browser.new_page(base_url=rating_server.url)
    page.goto(f"/?film={VINNY}")
    group = stars(page, "My Cousin Vinny")
    expect(group).to_be_visible()
    page.route("**/ratings", lambda route: route.fulfill(status=503, json={"detail": "Not now"}))
    group.get_by_role("radio", name="4 stars").click()
    expect(page.get_by_role("alert")).to_have_text("Not now")
    expect(group.get_by_role("radio", checked=True)).to_have_count(0)
    page.close()


def test_who_is_no_longer_known_begins_anew(browser: Browser, rating_server: Server) -> None:
    """As when the secret of the service was changed; it is said, and stars work all the same."""
    page = browser.new_page(base_url=rating_server.url)
    page.goto("/?view=for-you")
    stars(card(page, "Home Alone"), "Home Alone").get_by_role("radio", name="5 stars").click()
    mine = page.get_by_role("region", name="Your ratings")
    expect(mine.get_by_role("link", name="Home Alone")).to_be_visible()
    before = whose(page)
    page.context.clear_cookies()
    vinny = "My Cousin Vinny"
    stars(card(page, vinny), vinny).get_by_role("radio", name="4 stars").click()
    expect(page.get_by_role("alert")).to_contain_text("no longer knows you")
    expect(mine.get_by_role("listitem")).to_have_count(1)
    expect(mine.get_by_role("link", name=vinny)).to_be_visible()
    assert whose(page) not in (before, "None")
    assert stored(page, whose(page)) == {VINNY: 4.0}
    page.close()


def test_who_is_no_longer_known_sees_it_without_a_star(
    browser: Browser, rating_server: Server
) -> None:
    page = browser.new_page(base_url=rating_server.url)
    page.goto("/?view=for-you")
    stars(card(page, "Home Alone"), "Home Alone").get_by_role("radio", name="5 stars").click()
    expect(page.get_by_role("heading", name="Your ratings")).to_be_visible()
    page.context.clear_cookies()
    page.get_by_label("Genre").select_option("War")
    expect(page.get_by_role("alert")).to_contain_text("no longer knows you")
    expect(page.get_by_role("heading", name="Your ratings")).to_have_count(0)
    expect(page.locator(".count")).to_have_text(re.compile(r"^\d+ films?$"))
    page.close()


def test_without_a_secret_there_are_no_stars(browser: Browser, running: Server) -> None:
    assert not httpx.get(f"{running.url}/about").json()["ratings"]
    page = browser.new_page(base_url=running.url)
    page.goto(f"/?film={VINNY}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("radiogroup")).to_have_count(0)
    expect(page.get_by_role("link", name="For you")).to_have_count(0)
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_everyone_can_use_it(
    browser: Browser, rating_server: Server, scheme: Any, width: int
) -> None:
    context = browser.new_context(
        base_url=rating_server.url, color_scheme=scheme,
        viewport={"width": width, "height": 800}, bypass_csp=True,
    )  # fmt: skip
    page = context.new_page()
    page.goto("/?view=for-you")
    stars(card(page, "Home Alone"), "Home Alone").get_by_role("radio", name="4 stars").click()
    expect(page.get_by_text("because you rated Home Alone").first).to_be_visible()
    for path in ("/?view=for-you", f"/?film={ALONE_2}"):
        page.goto(path)
        page.get_by_role("radiogroup").first.wait_for()
        page.add_script_tag(path=AXE)
        found = page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })")
        broken = [
            (one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]
        ]
        assert broken == [], f"{path}: {json.dumps(broken, indent=1)}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
