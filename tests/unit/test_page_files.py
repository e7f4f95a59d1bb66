"""What the page is made of, as it is handed out."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.routers import page
from tests.server import ROOT
from tests.service import WARS, problem, served
from tests.world import publish

WEB = ROOT / "api" / "web"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with served(publish(tmp_path_factory.mktemp("films"), WARS)) as client:
        yield client


def test_a_browser_gets_the_page_and_others_hear_that_the_server_runs(client: TestClient) -> None:
    shown = client.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert shown.headers["content-type"].startswith("text/html")
    assert shown.text == (WEB / "index.html").read_text("utf-8")
    told = client.get("/")
    assert told.json() == "Server is running."
    assert "Accept" in shown.headers["vary"]
    assert "Accept" in told.headers["vary"]


def test_the_page_may_run_what_the_service_hands_out_and_nothing_else(client: TestClient) -> None:
    policy = client.get("/", headers={"Accept": "text/html"}).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self'" in policy
    assert "script-src" not in client.get("/page/app.js").headers["content-security-policy"]


def test_all_that_the_page_names_is_there(client: TestClient) -> None:
    sources = "".join(path.read_text("utf-8") for path in WEB.iterdir())
    named = set(re.findall(r"""(?:/page/|from "\./)([\w.-]+\.(?:js|css|svg))""", sources))
    assert named <= set(page._FILES)
    own = {path.name for path in WEB.iterdir()} - {"index.html"}
    assert own <= set(page._FILES)
    for name in page._FILES:
        answer = client.get(f"/page/{name}")
        assert answer.status_code == 200, name
        assert answer.headers["content-type"].split(";")[0] in page._MEDIA_TYPES.values()
        again = client.get(f"/page/{name}", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name",
    ["index.html", "none.js", "..%2Fapp.py", "%2e%2e/app.py", "../app.py", "preact", "a" * 500],
)
def test_nothing_else_is(client: TestClient, name: str) -> None:
    assert problem(client.get(f"/page/{name}"))[0] == 404
