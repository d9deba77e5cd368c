"""Work that worker processes can find."""

import importlib
from pathlib import Path

import pytest


@pytest.fixture(scope="package")
def deeds():
    """The module `deeds` beside this file; processes that start meanwhile find it too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        yield importlib.import_module("deeds")
