"""A drawn set of discs, and segmenters that learn by heart."""

import sys
import zlib
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest

from segmetry.image import Image
from segmetry.segment import SEGMENTERS, Maps, Segmenter
from segmetry.segment.options import about


@pytest.fixture
def drawn(tmp_path, draw_set):
    """Six pictures with masks."""
    return draw_set(tmp_path / "set")


@dataclass(frozen=True, kw_only=True)
class Memory(Segmenter):
    """Knows the objects of the pictures it was shown, and of no other."""

    name: ClassVar[str] = "memory"
    model: str = field(default="", metadata=about("A file."))
    known: ClassVar[dict] = {}
    lessons: ClassVar[list] = []

    def fit(self, images, truths, *, seed=0):
        del seed
        Memory.lessons.append(tuple(sorted(image.name for image in images)))
        learned = Memory(model="in memory")
        known = {i.pixels.tobytes(): t for i, t in zip(images, truths, strict=True)}
        Memory.known[id(learned)] = known
        return learned

    def save(self, path):
        path.write_bytes(b"by heart")

    def maps(self, image: Image) -> Maps:
        truth = Memory.known[id(self)].get(image.pixels.tobytes())
        if truth is None:
            truth = np.zeros(image.spatial_shape)
        return Maps((truth > 0).astype(np.float32), objects=truth.astype(np.uint32))


@dataclass(frozen=True, kw_only=True)
class Lucky(Segmenter):
    """Finds all or nothing by its number and the picture: no number is really better."""

    name: ClassVar[str] = "lucky"
    number: int = field(default=1, metadata=about("A number.", low=1, tunable=(1, 1000)))
    min_area: int = field(default=16, metadata=about("As usual.", low=1, tunable=()))
    min_share: float = field(default=0.0, metadata=about("As usual.", tunable=()))
    fill_holes: bool = field(default=True, metadata=about("As usual.", tunable=()))
    separate: bool = field(default=True, metadata=about("As usual.", tunable=()))
    waist: float = field(default=0.85, metadata=about("As usual.", tunable=()))
    calls: ClassVar[list] = []

    def maps(self, image: Image) -> Maps:
        Lucky.calls.append((self.number, image.name))
        chance = zlib.crc32(f"{self.number} {image.name}".encode()) % 100
        found = image.grey > 100 if chance < 50 else np.zeros(image.spatial_shape)
        return Maps(found.astype(np.float32))


@dataclass(frozen=True, kw_only=True)
class Picky(Lucky):
    """Works with its default, and with no other value."""

    name: ClassVar[str] = "picky"

    def maps(self, image: Image) -> Maps:
        if self.number != 1:
            message = "only 1 will do"
            raise ZeroDivisionError(message)
        return Maps((image.grey > 100).astype(np.float32))


@pytest.fixture
def spies(monkeypatch):
    """Make the segmenters of this file known by name."""
    module = SimpleNamespace(Memory=Memory, Lucky=Lucky, Picky=Picky)
    monkeypatch.setitem(sys.modules, "spies", module)
    for name, kind in (("memory", "Memory"), ("lucky", "Lucky"), ("picky", "Picky")):
        monkeypatch.setitem(SEGMENTERS, name, f"spies:{kind}")
    Memory.lessons.clear()
    Lucky.calls.clear()
    return module
