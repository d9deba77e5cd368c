import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from segmetry.cli import starting
from segmetry.cli.starting import say_starting


class Terminal:
    """Standard error as a person looks at it."""

    def __init__(self):
        self.said = ""

    def isatty(self):
        return True

    def write(self, text):
        self.said += text

    def flush(self):
        pass


@pytest.fixture
def terminal(monkeypatch):
    shown = Terminal()
    # Not sys.stderr itself: pytest puts its own there before each test.
    monkeypatch.setattr(starting, "sys", SimpleNamespace(stderr=shown))
    return shown


def test_a_first_run_is_told_that_it_takes_longer(terminal, tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    say_starting(as_json=False)
    assert terminal.said.startswith("Getting ready; the first run compiles")
    assert terminal.said.endswith("...\n")


def test_a_later_run_is_told_that_it_begins(terminal, tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    (tmp_path / "measure").mkdir()
    (tmp_path / "measure" / "runs.find-1.py311.nbi").touch()
    say_starting(as_json=False)
    assert terminal.said == "Getting ready ...\n"


def test_without_a_named_folder_the_packages_own_is_looked_at(terminal, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    say_starting(as_json=False)
    assert terminal.said.startswith("Getting ready")


def test_nothing_is_said_beside_json_or_to_a_file(terminal, monkeypatch):
    say_starting(as_json=True)
    assert terminal.said == ""
    monkeypatch.setattr(terminal, "isatty", lambda: False)
    say_starting(as_json=False)
    assert terminal.said == ""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_a_terminal_hears_something_before_heavy_packages_are_loaded(tmp_path):
    terminal, of_child = os.openpty()
    words = ["-m", "segmetry", "run", str(tmp_path / "none"), "--out", str(tmp_path)]
    begin = time.monotonic()
    with subprocess.Popen([sys.executable, *words], stderr=of_child) as child:
        first = os.read(terminal, 1000).decode()
        seconds = time.monotonic() - begin
        assert child.wait() != 0
    os.close(terminal)
    os.close(of_child)
    assert first.startswith("Getting ready")
    # Two seconds on a machine of its own; tests share theirs.
    assert seconds < 20
