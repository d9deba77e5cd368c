"""Imports run downhill, and heavy packages stay in their own room."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import segmetry

SOURCE = Path(segmetry.__file__).parent

# A room may import itself and what stands in rooms before it, if the row names them.
MAY_IMPORT = {
    "errors": set(),
    "offline": set(),
    "workers": {"errors"},
    "image": {"errors"},
    "region": {"errors"},
    "tiled": {"errors", "image"},
    "io": {"errors", "image", "region", "tiled"},
    "calibrate": {"errors", "offline", "image"},
    "prepare": {"errors", "image"},
    "segment": {"errors", "image", "tiled", "prepare"},
    "adapters": {"errors", "image", "segment"},
    "measure": {"errors", "image", "region"},
    "evaluate": {"errors", "image", "measure"},
    "tracking": {"errors", "image", "measure", "evaluate"},
    "edit": {"errors", "image"},
    "dataset": {"errors", "image", "io", "prepare", "measure", "evaluate"},
    "models": {"errors", "offline", "image", "tiled", "io", "prepare", "segment"},
    "recipe": {
        *("errors", "image", "region", "io", "calibrate", "prepare", "segment"),
        "measure",
    },
    "large": {"errors", "workers", "image", "tiled", "segment", "measure"},
    "report": {"errors", "image", "prepare", "measure", "evaluate", "tracking"},
    "batch": {
        *("errors", "workers", "image", "region", "tiled", "io", "calibrate", "segment"),
        *("measure", "recipe", "large", "report"),
    },
    "archive": {"errors", "io", "measure", "recipe", "batch"},
    "compare": {
        *("errors", "workers", "image", "io", "segment", "measure", "evaluate", "dataset"),
        *("recipe", "report"),
    },
    "project": {
        *("errors", "image", "region", "io", "calibrate", "prepare", "segment"),
        *("measure", "evaluate", "edit", "models", "recipe", "report", "batch"),
    },
    "tune": {
        *("errors", "image", "io", "segment", "measure", "evaluate", "dataset"),
        *("recipe", "report", "compare"),
    },
    "learn": {
        *("errors", "image", "io", "segment", "evaluate", "dataset", "models"),
        "report",
    },
    "doctor": {"errors", "io", "models"},
    "web": {
        *("errors", "image", "region", "io", "calibrate", "segment", "measure", "edit"),
        *("workers", "recipe"),
        *("models", "report", "batch", "project", "learn", "doctor"),
    },
    "napari_plugin": {
        *("errors", "image", "region", "tiled", "io", "calibrate", "segment"),
        *("measure", "edit", "recipe", "batch", "project"),
    },
    "cli": {
        *("errors", "image", "io", "segment", "measure", "evaluate", "dataset"),
        *("tracking", "project"),
        *("models", "recipe", "report", "batch", "archive", "compare", "tune"),
        *("learn", "doctor", "web"),
    },
    "__main__": {"cli"},
    "__init__": set(),
}
HEAVY = {
    "torch": {"learn"},
    "onnx": {"learn", "models"},
    "bioimageio": {"models"},
    "cellpose": {"adapters"},
    "stardist": {"adapters"},
    "tensorflow": {"adapters"},
    "nncf": {"learn"},
    "safetensors": {"learn"},
    "dask": {"workers"},
    "distributed": {"workers"},
    "openvino": {"models", "calibrate"},
    "rapidocr": {"calibrate"},
    "matplotlib": {"report"},
    "rsciio": {"io"},
    "tifffile": {"io"},
    "zarr": {"io"},
    "fsspec": {"io"},
    "PIL": {"io", "report"},
    "numba": {"measure", "segment", "models", "large"},
    "sklearn": {"segment", "models"},
    "lightgbm": {"models"},
    "fastapi": {"web"},
    "starlette": {"web"},
    "uvicorn": {"web"},
    "optuna": {"tune"},
    "napari": {"napari_plugin"},
    "magicgui": {"napari_plugin"},
    "qtpy": {"napari_plugin"},
    "typer": {"cli"},
    "rich": {"cli"},
}


MODULES = sorted(SOURCE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the room"
            yield f"{node.module}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_run_downhill(path):
    here = room(path)
    allowed = MAY_IMPORT[here] | {here}
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "segmetry" and len(parts) > 1 and parts[1] in MAY_IMPORT:
            assert parts[1] in allowed, f"{here} must not import {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_heavy_packages_stay_in_their_room(path):
    for name in imported(path):
        homes = HEAVY.get(name.split(".")[0])
        assert homes is None or room(path) in homes, f"{room(path)} imports {name}"


def test_the_table_has_no_cycle():
    done: set[str] = set()
    for name, below in MAY_IMPORT.items():
        assert below <= done, f"{name} imports a room that stands after it"
        done.add(name)
    assert "__init__" in done


def test_every_room_is_in_the_table():
    assert {room(path) for path in MODULES} <= set(MAY_IMPORT)


def test_the_table_in_the_documentation_is_this_one():
    page = (SOURCE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|$", page, flags=re.MULTILINE)
    told = {name: set(re.findall(r"\w+", below)) for name, below in rows}
    assert told == {name: MAY_IMPORT[name] for name in MAY_IMPORT if "__" not in name}
