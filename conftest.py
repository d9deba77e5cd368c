"""Every code block of the documentation and every docstring example runs as a test.

Python blocks run as they are. Lines of a bash block that start with `segmetry` run in a
folder that holds the picture of the demo, powder.png, and what the page itself makes: so
a reader can run them too. The README speaks of the reader's own pictures; there drawn ones,
a sheet, regions and corrections stand in for them. Models that the pages add stay in that
folder.
"""

import os
import shlex
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser
from sybil.sybil import SybilCollection
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.io.regions import write_regions
from segmetry.region import Region


class BashParser(CodeBlockParser):
    """Runs the lines of a bash block that call the program."""

    language = "bash"

    def evaluate(self, example: Example) -> str | None:
        """Run the lines, and say which one failed."""
        for line in example.parsed.splitlines():
            if not line.startswith("segmetry "):
                continue
            done = CliRunner().invoke(app, shlex.split(line)[1:])
            if done.exit_code != 0:
                return f"{line}\nended with status {done.exit_code}:\n{done.output}"
        return None


def _enter_folder(namespace: dict[str, Any]) -> None:
    namespace["_before"] = Path.cwd()
    folder = namespace["_folder"] = Path(tempfile.mkdtemp())
    powder = files("segmetry") / "demo" / "powder.png"
    (folder / "powder.png").write_bytes(powder.read_bytes())
    os.chdir(folder)
    namespace["_models"] = os.environ.get("SEGMETRY_MODELS", "")
    os.environ["SEGMETRY_MODELS"] = str(folder / "models")


def _enter_folder_of_a_reader(namespace: dict[str, Any]) -> None:
    _enter_folder(namespace)
    for kind in ("pictures", "rois", "corrected"):
        Path(kind).mkdir()
    left = Region("left", (np.array([[0, 0], [200, 0], [200, 300], [0, 300.0]]),))
    for number, name in enumerate("abcd"):
        labels = _draw_discs(Path("pictures", f"{name}.png"), seed=number)
        Image.fromarray(labels).save(Path("corrected", f"{name}.tif"))
        write_regions(Path("rois", f"{name}.geojson"), [left])
    Path("samples.csv").write_text("image,time_h\na.png,0\nb.png,0\nc.png,24\nd.png,24\n")


def _leave_folder(namespace: dict[str, Any]) -> None:
    os.environ["SEGMETRY_MODELS"] = namespace["_models"]
    os.chdir(namespace["_before"])
    shutil.rmtree(namespace["_folder"], ignore_errors=True)


def _draw_discs(path: Path, *, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:300, :400]
    picture = rng.normal(40, 4, (300, 400))
    labels = np.zeros(picture.shape, np.uint16)
    for row in range(30, 280, 48):
        for column in range(30, 380, 48):
            radius = rng.normal(12 + seed, 2)
            disc = (y - row) ** 2 + (x - column) ** 2 <= radius**2
            picture[disc] += 150
            labels[disc] = labels.max() + 1
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(path)
    return labels


_parsers = [PythonCodeBlockParser(), BashParser(), SkipParser()]
_pages = Sybil(
    parsers=_parsers,
    patterns=["docs/*.md"],
    setup=_enter_folder,
    teardown=_leave_folder,
)
_readme = Sybil(
    parsers=_parsers,
    patterns=["README.md"],
    setup=_enter_folder_of_a_reader,
    teardown=_leave_folder,
)
_docstrings = Sybil(
    parsers=[DocTestParser()],
    patterns=["src/segmetry/*.py", "src/segmetry/*/*.py", "src/segmetry/*/*/*.py"],
)

pytest_collect_file = SybilCollection([_pages, _readme, _docstrings]).pytest()
