"""The OpenAPI document: complete, kept to, and not changed behind anyone's back."""

from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.settings import Settings
from tests.service import WARS
from tests.world import publish

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "openapi.json"
CHANGELOG = ROOT / "CHANGELOG.md"


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("contract"), WARS)


def document() -> dict[str, Any]:
    return create_app(Settings()).openapi()
