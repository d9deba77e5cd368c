"""Programs of others are there where they are installed, and nothing is imported before."""

import subprocess
import sys
import textwrap
import tomllib
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

import pytest

from segmetry import segment
from segmetry.errors import RecipeError

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
TABLE = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["entry-points"]
ADAPTERS = TABLE["segmetry.segmenters"]


@pytest.fixture
def entries(monkeypatch):
    """The entry points as they are in the project's file, however it was installed."""
    points = [EntryPoint(*item, "segmetry.segmenters") for item in ADAPTERS.items()]

    def given(*, group, name=None):
        return [
            each for each in points if group == each.group and name in {None, each.name}
        ]

    monkeypatch.setattr(segment, "entry_points", given)
    return points


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_is_named_like_its_package_and_loads_without_it(name, loaded_by):
    module, _, kind = ADAPTERS[name].partition(":")
    assert module == f"segmetry.adapters.{name}"
    loaded = loaded_by(f"from {module} import {kind}; assert {kind}.name == {name!r}")
    assert {name, "torch", "tensorflow", "csbdeep"}.isdisjoint(loaded)


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("name", ADAPTERS)
def test_without_the_package_one_sentence_says_how_to_get_it(name, monkeypatch):
    monkeypatch.setattr(segment, "find_spec", lambda _: None)
    assert name not in segment.segmenter_names()
    with pytest.raises(RecipeError) as error:
        segment.segmenter(name)
    assert str(error.value) == (
        f"the segmenter '{name}' needs the package {name}, which is not installed here: "
        f"pip install {name}"
    )


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("name", ADAPTERS)
def test_with_the_package_it_is_among_the_segmenters(name, monkeypatch):
    monkeypatch.setattr(segment, "find_spec", lambda _: object())
    assert name in segment.segmenter_names()
    assert segment.segmenter(name).name == name
    assert segment.segmenter_sentence(name).endswith(".")


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("name", ADAPTERS)
def test_it_is_offered_just_where_the_package_is(name):
    assert (name in segment.segmenter_names()) == (find_spec(name) is not None)


HALVES = '''
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from segmetry.segment import Maps, Segmenter


@dataclass(frozen=True, kw_only=True)
class Halves(Segmenter):
    """The left and the right half of what is bright, as two objects."""

    name: ClassVar[str] = "halves"

    def maps(self, image):
        bright = image.grey > image.grey.mean()
        middle = bright.shape[1] // 2
        objects = bright.astype(np.uint32)
        objects[:, middle:] *= 2
        return Maps(bright.astype(np.float32), objects=objects, found={"reason": "Halves."})
'''
SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from segmetry.image import Image
from segmetry.segment import segmenter, segmenter_names
assert "halves" in segmenter_names(), segmenter_names()
picture = np.zeros((20, 30))
picture[5:15, 4:26] = 9
labels, maps = segmenter("halves").labels_and_maps(Image(picture))
print(np.bincount(labels.data.ravel()).tolist(), labels.steps[0].options["reason"])
"""


def test_a_segmenter_of_another_distribution_gives_its_own_objects(tmp_path):
    (tmp_path / "halves.py").write_text(textwrap.dedent(HALVES))
    about = tmp_path / "halves-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: halves\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[segmetry.segmenters]\nhalves = halves:Halves\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "[380, 110, 110] Halves.\n", done.stderr
