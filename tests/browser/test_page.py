"""What a film lover does with the page, step by step."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import FILMS, Watch
from tests.server import ROOT, Server, free_port, server

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
MOST_BYTES = 300_000


def cards(page: Page) -> Locator:
    return page.locator(".card h3")


def titles(page: Page) -> list[str]:
    return [text.strip() for text in cards(page).all_inner_texts()]


def searched(page: Page, typed: str) -> None:
    page.goto("/")
    page.get_by_role("searchbox").press_sequentially(typed)
    expect(page.get_by_role("heading", level=2)).to_contain_text(typed)


def test_it_searches_as_one_types_and_the_address_holds_it(page: Page) -> None:
    searched(page, "hme alnoe")
    expect(cards(page).first).to_have_text("Home Alone")
    assert page.url.endswith("/?q=hme+alnoe")
    assert page.title() == "hme alnoe – Filmkin"
    expect(page.locator(".card mark").first).to_have_text("Home")
    page.get_by_role("button", name="home alone").click()
    expect(page.get_by_role("searchbox")).to_have_value("home alone")
    expect(page).to_have_url(re.compile(r"q=home\+alone$"))
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("home alone")
    expect(cards(page).first).to_have_text("Home Alone")


def test_people_are_offered_while_a_name_is_typed(page: Page) -> None:
    searched(page, "joe pes")
    page.get_by_role("link", name="Joe Pesci").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Joe Pesci")
    expect(page.get_by_role("link", name="My Cousin Vinny")).to_be_visible()
    page.get_by_role("link", name="Macaulay Culkin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Macaulay Culkin")
    page.go_back()
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("joe pes")


@pytest.mark.parametrize(
    ("choice", "asked", "held"),
    [
        ("Comedy", {"genres": "Comedy"}, "genre=Comedy"),
        ("1990s", {"earliest_date": "1990-01-01", "latest_date": "1999-12-31"}, "decade=1990"),
        ("8 and more", {"min_rating": "8"}, "rating=8"),
        ("2 h to 2 h 30 min", {"min_duration": "120", "max_duration": "149"}, "duration=120-149"),
        ("French", {"languages": "fr"}, "language=fr"),
    ],
)
def test_a_filter_narrows_and_its_count_is_true(
    page: Page, running: Server, choice: str, asked: dict[str, str], held: str
) -> None:
    total = httpx.get(f"{running.url}/film/search", params=asked).headers["X-Total-Count"]
    page.goto("/")
    label = page.locator("label.choice").filter(has=page.get_by_text(choice, exact=True))
    expect(label.locator(".n")).to_have_text(total)
    label.get_by_role("checkbox").check()
    expect(page.get_by_role("heading", level=2)).to_have_text(f"{total} films")
    assert held in page.url
    page.go_back()
    expect(page.get_by_role("heading", level=2)).to_have_text(f"{len(FILMS)} films")
    expect(label.get_by_role("checkbox")).not_to_be_checked()


def test_filters_are_combined_and_cleared(page: Page) -> None:
    page.goto("/?genre=Comedy&decade=1990&q=home")
    expect(page.get_by_role("heading", level=2)).to_have_text("2 films for “home”")
    page.get_by_role("button", name="Clear filters").click()
    expect(page).to_have_url(re.compile(r"/\?q=home$"))


def test_films_are_sorted_and_paged(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Sort by").select_option("Title")
    by_title = sorted((f["title"] for f in FILMS if f["title"]), key=str.lower)
    expect(cards(page).first).to_have_text(by_title[0])
    assert titles(page) == by_title[:24]
    page.get_by_role("link", name="Next").click()
    expect(cards(page).first).to_have_text(by_title[24])
    page.get_by_role("link", name="Next").click()
    expect(cards(page).last).to_have_text("Untitled")
    expect(page.get_by_role("link", name="Next")).to_have_count(0)
    page.go_back()
    expect(cards(page).first).to_have_text(by_title[24])


def test_a_film_has_facts_people_and_its_page_at_imdb(page: Page) -> None:
    searched(page, "burglars house")
    cards(page).first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home Alone 1990")
    assert page.url.endswith("/?film=99785")
    for told in ("★ 7.5 by 300,000 votes", "English", "$18,000,000", "1 h 40 min"):
        expect(page.get_by_text(told, exact=True)).to_be_visible()
    imdb = page.get_by_role("link", name="This film on IMDb")
    expect(imdb).to_have_attribute("href", "https://www.imdb.com/title/tt0099785/")
    page.get_by_role("link", name="Chris Columbus").first.click()
    expect(page.get_by_role("heading", name="director")).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("burglars house")


def test_namesakes_in_a_film_are_each_themselves(page: Page) -> None:
    page.goto("/?film=6")
    people = page.locator("dl.credits div")
    expect(people).to_have_text(["Directed bySam Lee", "WithSam Lee, Sam Lee, Ann Ray"])
    links = [link.get_attribute("href") for link in people.get_by_role("link").all()]
    assert links == ["/?person=7001", "/?person=7002", "/?person=7003"]


def kin(page: Page) -> list[str]:
    return page.locator(".why .name a").all_inner_texts()


def test_the_slider_shows_at_once_how_the_kin_change(page: Page, running: Server) -> None:
    every = httpx.get(f"{running.url}/film/99785/similar/0.05?limit=60").json()
    watch = Watch(page)
    page.goto("/?film=99785")
    expect(page.locator(".why li").first).to_be_visible()
    before = len(watch.answers)
    slider = page.get_by_role("slider")
    for threshold in (0.05, 0.2, 0.5):
        slider.fill(str(threshold))
        expected = [one["title"] for one in every if one["similarity"] >= threshold]
        expect(page.locator(".why li")).to_have_count(len(expected))
        assert kin(page) == expected
    expect(page).to_have_url(re.compile(r"from=0\.5$"))
    asked = [answer.url for answer in watch.answers[before:]]
    assert [url for url in asked if "similar" in url] == []
    page.reload()
    expect(page.locator("output")).to_have_text("0.50")


def test_why_films_are_kin_is_told(page: Page, running: Server) -> None:
    (nearest, *_) = httpx.get(f"{running.url}/film/99785/similar/0.05?explain=true").json()
    page.goto("/?film=99785")
    first = page.locator(".why li").first
    expect(first).to_contain_text("people: ")
    expect(first).to_contain_text("Joe Pesci")
    widths = first.locator(".part").evaluate_all(
        "bars => bars.map((bar) => parseFloat(bar.style.width))"
    )
    assert sum(widths) == pytest.approx(100 * nearest["similarity"], abs=0.5)


def test_one_walks_the_graph_and_comes_back(page: Page) -> None:
    page.goto("/?film=99785")
    page.get_by_role("link", name=re.compile("^Home Alone 2: .* similarity 0")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home Alone 2: Lost in New York 1992")
    page.get_by_role("link", name=re.compile("^Home Alone 1990, similarity 0")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home Alone 1990")
    page.go_back()
    page.go_back()
    assert page.url.endswith("film=99785")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home Alone 1990")


def test_all_of_it_works_by_the_keyboard(page: Page) -> None:
    page.goto("/?film=99785")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the way home
    expect(cards(page).first).to_be_visible()
    page.get_by_label("Sort by").focus()
    page.locator("body").press("Escape")
    page.get_by_role("link", name="API").focus()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("lost in new york")
    expect(cards(page).first).to_have_text("Home Alone 2: Lost in New York")
    cards(page).first.get_by_role("link").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Lost in New York")
    expect(page.get_by_role("main")).to_be_focused()


def test_nothing_found_is_said_with_what_to_try(page: Page) -> None:
    searched_for = '"alone home"'
    page.goto("/")
    page.get_by_role("searchbox").fill(searched_for)
    expect(page.get_by_role("heading", level=2)).to_have_text("Nothing found")
    page.get_by_role("button", name="alone home").click()
    expect(cards(page).first).to_have_text("Home Alone")
    page.goto("/?q=qqqqqq&genre=Comedy&decade=1990")
    page.get_by_label("Comedy").click()
    expect(page).to_have_url(re.compile(r"\?q=qqqqqq&decade=1990$"))
    page.goto("/?q=qqqqqq")
    expect(page.get_by_text("Try fewer words")).to_be_visible()


def test_what_is_not_there_is_said(browser: Browser, running: Server) -> None:
    page = browser.new_page(base_url=running.url)
    page.goto("/?film=4")
    expect(page.get_by_text("There is no such film")).to_be_visible()
    page.goto("/?film=1.5")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_text("Looking")).to_have_count(0)
    page.goto("/?person=1")
    expect(page.get_by_text("There is no such person")).to_be_visible()
    page.close()


def test_too_many_questions_are_counted_down_and_asked_again(
    browser: Browser, link: Path, tmp_path: Path
) -> None:
    with server(tmp_path, link, limit_search="2/3seconds") as limited:
        page = browser.new_page(base_url=limited.url)
        page.goto("/")
        for typed in ("home", "home alone", "vinny"):
            page.get_by_role("searchbox").fill(typed)
            page.wait_for_timeout(300)
        notice = page.get_by_role("alert")
        expect(notice).to_contain_text(re.compile(r"Asking again in [123] s"))
        expect(cards(page).first).to_have_text("My Cousin Vinny", timeout=10_000)
        expect(notice).to_have_count(0)
        page.close()


def test_a_server_that_is_gone_is_said_and_when_it_is_back_all_goes_on(
    browser: Browser, link: Path, tmp_path: Path
) -> None:
    port = free_port()
    page = browser.new_page(base_url=f"http://127.0.0.1:{port}")
    with server(tmp_path, link, port=port):
        page.goto("/?q=vinny")
        expect(cards(page).first).to_have_text("My Cousin Vinny")
    page.get_by_role("searchbox").fill("home alone")
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
    expect(cards(page).first).to_have_text("My Cousin Vinny")  # what was there stays
    with server(tmp_path / "again", link, port=port):
        expect(cards(page).first).to_have_text("Home Alone", timeout=10_000)
        expect(page.get_by_role("alert")).to_have_count(0)
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_everyone_can_use_it(browser: Browser, running: Server, scheme: Any, width: int) -> None:
    """No view breaks a rule of WCAG 2.2 A and AA that axe knows, or is wider than the window."""
    context = browser.new_context(
        base_url=running.url,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
        bypass_csp=True,
    )
    page = context.new_page()
    for path, seen in (
        ("/?q=home&genre=Comedy", ".card h3"),
        ("/?q=qqqqqq", ".nothing"),
        ("/?film=99785", ".neighbourhood svg"),
        (f"/?person={FILMS[0]['person_ids'][1]}", ".films li"),
    ):
        page.goto(path)
        page.locator(seen).first.wait_for()
        page.add_script_tag(path=AXE)
        found = page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })")
        broken = [
            (one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]
        ]
        assert broken == [], f"{path}: {json.dumps(broken, indent=1)}"
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} wide"
    context.close()


def test_it_is_small_and_asks_nobody_else(page: Page, running: Server) -> None:
    watch = Watch(page)
    for path, seen in (("/?film=99785", ".neighbourhood svg"), ("/?q=home", ".card h3")):
        page.goto(path)
        page.locator(seen).first.wait_for()
        sizes = page.evaluate(
            "performance.getEntries().filter((one) => one.transferSize)"
            ".map((one) => [one.name, one.transferSize])"
        )
        own = {name: size for name, size in sizes if "/d3-" not in name}
        assert any("/preact.js" in name for name in own)
        assert sum(own.values()) < MOST_BYTES
    hosts = {urlsplit(answer.url).netloc for answer in watch.answers}
    assert hosts == {urlsplit(running.url).netloc}


def test_nothing_jumps_while_it_comes(page: Page) -> None:
    page.add_init_script(
        "globalThis.jumps = 0; new PerformanceObserver((list) => {"
        " for (const one of list.getEntries()) if (!one.hadRecentInput) globalThis.jumps += one.value;"
        " }).observe({ type: 'layout-shift', buffered: true });"
    )
    for path, seen in (("/?q=home", ".card h3"), ("/?film=99785", ".neighbourhood svg")):
        page.goto(path)
        page.locator(seen).first.wait_for()
        page.wait_for_timeout(300)
        # Good is up to 0.1 (https://web.dev/articles/cls).
        assert page.evaluate("globalThis.jumps") < 0.1, path
