"""What all tests share: the folder of real pictures, and nothing else."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
_DATA = Path(os.environ.get("SEGMETRY_DATA", REPOSITORY.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def data() -> Callable[[str], Path]:
    """Path of something in the folder of real pictures; skips where it is absent."""

    def find(name: str) -> Path:
        path = _DATA / name
        if not path.exists():
            pytest.skip(f"real pictures are absent: set SEGMETRY_DATA to see {name}")
        return path

    return find
