"""A service of a few films that people rate."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.service import WARS, served_with_ratings
from tests.world import publish


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("films"), WARS)


@pytest.fixture
def client(link: Path, tmp_path: Path) -> Iterator[TestClient]:
    with served_with_ratings(link, tmp_path) as client:
        yield client
