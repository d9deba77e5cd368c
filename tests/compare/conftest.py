"""A drawn set of discs, and segmenters that learn by heart."""

import sys
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest

from segmetry.errors import ModelError
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

    def files(self):
        if not self.model:
            message = "there is no model ''"
            raise ModelError(message)
        return {}

    def maps(self, image: Image) -> Maps:
        truth = Memory.known[id(self)].get(image.pixels.tobytes())
        if truth is None:
            truth = np.zeros(image.spatial_shape)
        return Maps((truth > 0).astype(np.float32), objects=truth.astype(np.uint32))


@dataclass(frozen=True, kw_only=True)
class Broken(Segmenter):
    """Breaks where a picture is brighter than an option allows."""

    name: ClassVar[str] = "broken"
    most: float = field(default=0.0, metadata=about("Mean.", low=0, high=255))

    def maps(self, image: Image) -> Maps:
        if image.grey.mean() > self.most:
            message = "too bright"
            raise ZeroDivisionError(message)
        return Maps((image.grey > 100).astype(np.float32))


@pytest.fixture
def spies(monkeypatch):
    """Make the segmenters of this file known by name."""
    module = SimpleNamespace(Memory=Memory, Broken=Broken)
    monkeypatch.setitem(sys.modules, "spies", module)
    for name, kind in (("memory", "Memory"), ("broken", "Broken")):
        monkeypatch.setitem(SEGMENTERS, name, f"spies:{kind}")
    Memory.lessons.clear()
    return Memory
