"""The OpenAPI document: complete, kept to, and not changed behind anyone's back."""

import importlib
import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.settings import Settings
from tests.service import WARS, served
from tests.world import publish

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "openapi.json"
CHANGELOG = ROOT / "CHANGELOG.md"
METHODS = ("delete", "get", "post")
OF_NO_BUILD = {"service", "ratings"}


def document() -> dict[str, Any]:
    return create_app(Settings()).openapi()


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    return document()


def operations(openapi: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": item[method]
        for path, item in openapi["paths"].items()
        for method in METHODS
        if method in item
    }


def test_every_operation_says_what_it_is_and_what_it_answers(openapi: dict[str, Any]) -> None:
    for name, operation in operations(openapi).items():
        assert operation["operationId"], name
        assert operation["description"], name
        for status, answer in operation["responses"].items():
            assert answer["description"], (name, status)
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], (name, status)
            elif status == "200":
                assert all(media["schema"] for media in answer["content"].values()), name


def test_every_route_of_a_build_names_its_errors_and_headers(openapi: dict[str, Any]) -> None:
    for name, operation in operations(openapi).items():
        if OF_NO_BUILD & set(operation["tags"]):
            continue
        answers = operation["responses"]
        assert {"200", "422", "429", "503"} <= set(answers), name
        assert {"ETag", "X-Request-ID", "RateLimit-Remaining"} <= set(answers["200"]["headers"])
        assert "Retry-After" in answers["429"]["headers"], name
        assert ("304" in answers) == name.startswith("GET"), name
        assert ("413" in answers) == name.startswith("POST"), name


def test_every_route_of_a_person_says_who_may_ask_and_that_nobody_keeps_the_answer(
    openapi: dict[str, Any],
) -> None:
    of_people = {name: one for name, one in operations(openapi).items() if " /user" in name}
    assert len(of_people) > 5
    for name, operation in of_people.items():
        answers = operation["responses"]
        assert operation["tags"] == ["ratings"], name
        assert {"200", "401", "403", "422", "429", "503"} <= set(answers), name
        assert ("415" in answers) == (not name.startswith("GET")), name
        assert ("413" in answers) == ("requestBody" in operation), name
        assert "ETag" not in answers["200"]["headers"], name
        schemes = [list(one) for one in operation.get("security", [])]
        assert schemes == ([["API key"], ["Cookie"]] if "{user_id}" in name else []), name
    assert set(openapi["components"]["securitySchemes"]) == {"API key", "Cookie"}


def test_every_field_of_a_model_has_an_example_or_a_meaning(openapi: dict[str, Any]) -> None:
    for name, schema in openapi["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            known = {"description", "examples", "$ref", "items", "anyOf", "allOf", "format"}
            assert known & set(described), f"{name}.{field}"


def test_the_document_refers_to_nothing_that_it_lacks(openapi: dict[str, Any]) -> None:
    text = json.dumps(openapi)
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= set(openapi["components"]["schemas"])


def flattened(value: Any, path: str = "") -> dict[str, Any]:
    """Every leaf of a document by its path; descriptions and examples are no promise."""
    if isinstance(value, dict):
        parts = {
            k: v
            for k, v in value.items()
            if k not in ("description", "examples", "title", "summary")
        }
        return {
            p: leaf
            for key, part in parts.items()
            for p, leaf in flattened(part, f"{path}/{key}").items()
        }
    if isinstance(value, list):
        return {f"{path}/": sorted(json.dumps(one, sort_keys=True) for one in value)}
    return {path: value}


def test_what_clients_rely_on_is_as_it_was(openapi: dict[str, Any]) -> None:
    """Something new is no break; what is gone or different is one, and the changelog names it by
    its path in the document. Then `python -m tests.unit.test_contract` writes the copy anew.
    """
    before, now = flattened(json.loads(GOLDEN.read_text("utf-8"))), flattened(openapi)
    changed = [path for path, leaf in before.items() if now.get(path) != leaf]
    named = CHANGELOG.read_text("utf-8")
    unnamed = [path for path in changed if path != "/info/version" and path not in named]
    assert not unnamed, f"breaks that the changelog does not name: {unnamed}"
    assert set(now) == set(before), "write the copy anew: python -m tests.unit.test_contract"


@pytest.mark.parametrize(
    ("change", "breaks"),
    [
        (lambda d: d["paths"].pop("/films"), True),
        (lambda d: d["components"]["schemas"]["Film"]["properties"].pop("rating"), True),
        (lambda d: d["components"]["schemas"]["Search"]["properties"]["limit"].update(maximum=50), True),
        (lambda d: d["components"]["schemas"]["Film"]["properties"].update(new={"type": "string"}), False),
        (lambda d: d["info"].update(description="other words"), False),
    ],
)  # fmt: skip
def test_a_break_is_told_from_what_is_new(
    openapi: dict[str, Any], change: Any, breaks: bool
) -> None:
    before, now = flattened(openapi), deepcopy(openapi)
    change(now)
    after = flattened(now)
    assert any(after.get(path) != leaf for path, leaf in before.items()) == breaks


def test_a_client_generated_from_the_document_works(
    openapi: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(openapi))
    (tmp_path / "config.json").write_text(
        json.dumps({"package_name_override": "generated_client", "post_hooks": []})
    )
    generator = Path(sys.executable).with_name("openapi-python-client")
    done = subprocess.run(
        [generator, "generate", "--path", "openapi.json", "--config", "config.json", "--meta", "none", "--fail-on-warning"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.syspath_prepend(tmp_path)
    api = "generated_client.api.films"
    search, film, similar = (
        importlib.import_module(f"{api}.{name}")
        for name in ("search_films", "get_film", "get_similar_films")
    )
    models = importlib.import_module("generated_client.models")
    client_class = importlib.import_module("generated_client").Client
    with served(publish(tmp_path, WARS)) as transport:
        client = client_class(base_url="http://testserver").set_httpx_client(transport)
        body = models.Search.from_dict({"title": "wars.*i", "min_rating": 7, "sort": "rating"})
        (found,) = search.sync(client=client, body=body)
        assert (type(found).__name__, found.film_id, found.title) == ("Film", 11, "Ember Wars II")
        assert film.sync("tt0000011", client=client).to_dict() == found.to_dict()
        (kin,) = similar.sync("11", 0.5, client=client)
        assert (kin.film_id, kin.similarity > 0.5) == (10, True)
        problem = film.sync("12345", client=client)
        assert (type(problem).__name__, problem.status) == ("Problem", 404)
        refused = search.sync(client=client, body=models.Search.from_dict({"title": "["}))
        assert [error.field for error in refused.errors] == ["title"]


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(document(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
