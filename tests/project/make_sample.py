"""Make the kept sample of this version's projects: python make_sample.py.

It writes `format<VERSION>.zip` beside itself: a small project with a picture, an upload,
a stroke that teaches, corrections, undone ones, and a named version, and what must be
found in it. Once a version is released its sample is never made again: later versions must
open it as it is.
"""

import hashlib
import json
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from segmetry.edit import Edit
from segmetry.io import write_png
from segmetry.project import Project, Stroke, look_at
from segmetry.project.database import VERSION
from segmetry.recipe import Recipe

RECIPE = {"segmentation": {"name": "threshold"}, "calibration": {"scale_bar": False}}


def main():
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "sample"
        home.mkdir()
        expected = make(home)
        target = Path(__file__).with_name(f"format{VERSION}.zip")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
            for path in sorted(home.rglob("*")):
                if path.is_file():
                    file.write(path, path.relative_to(home).as_posix())
            file.writestr("expected.json", json.dumps(expected, indent=2))


def make(home):
    y, x = np.mgrid[:90, :120]
    discs = (np.hypot(y % 30 - 15, x % 30 - 15) < 10) * np.uint8(150) + np.uint8(40)
    write_png(home / "a.png", discs)
    recipe = Recipe.model_validate(RECIPE)
    with Project.create(home, "Sample") as project:
        project.set_recipe(recipe)
        picture = project.pictures.add(home / "a.png")
        project.pictures.upload("copy.png", [(home / "a.png").read_bytes()])
        project.pictures.choose(picture, {"calibration": {"pixel_size": "5 nm"}})
        look = look_at(home / "a.png", project.pictures.recipe(picture, recipe))
        project.pictures.keep_look(picture, look)
        project.strokes.draw(picture, Stroke("a", 2, 3, ((15, 15), (20, 15))))
        labels = project.labels.open(project.labels.run(picture, recipe))
        labels.edit(Edit("draw", points=((2, 2), (9, 2)), width=3), op_id="a", base=0)
        labels.edit(Edit("delete", ids=(2, 3)), op_id="b", base=1)
        labels.keep_version("two gone")
        labels.edit(Edit("merge", ids=(5, 6)), op_id="c", base=2)
        labels.undo(op_id="d", base=3)
        labels.edit(Edit("erase", points=((15, 15),), width=5), op_id="e", base=4)
        return expected_of(labels)


def expected_of(labels):
    """What must be found again."""
    return {
        "labels": digest(labels.labels.data),
        "two gone": digest(labels.data_of("two gone")),
        "found": digest(labels.data_of(None)),
        "rev": labels.rev,
        "origins": {str(label): origin for label, origin in labels.origins.items()},
        "area_px": labels.table["area_px"].tolist(),
        "area_um2": labels.table["area_um2"].tolist(),
        "kinds": [entry["kind"] for entry in labels.history()],
    }


def digest(data):
    return hashlib.sha256(data.astype("<u4").tobytes()).hexdigest()


if __name__ == "__main__":
    main()
