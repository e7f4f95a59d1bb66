"""A finished root, copied by each test that breaks one."""

import shutil
from pathlib import Path

import pytest

from tests.batch import Batch


@pytest.fixture
def batch(undisturbed: Batch, tmp_path: Path) -> Batch:
    """A copy of the undisturbed root, for one test."""
    root = tmp_path / "root"
    shutil.copytree(undisturbed.root, root, symlinks=True)
    return Batch(root, undisturbed.source, undisturbed.settings)
