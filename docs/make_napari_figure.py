"""Draw the figure of the page on napari: `xvfb-run python docs/make_napari_figure.py`.

A run on the powder that comes with the program is opened, corrected and sent back, and the
window photographed. It needs the extra `napari` and a screen; `xvfb-run` gives one where
there is none.
"""

import argparse
import os
import sys
import tempfile
import time
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from napari.viewer import Viewer
from PIL import Image

from segmetry.batch import run_batch
from segmetry.recipe import Recipe

FIGURE = Path(__file__).parent / "figures" / "napari.png"
SIZE = (1360, 720)
COLOURS = 200  # a fifth of the bytes, and no eye sees it
MANY = 8000  # px; smaller ones are hardly seen


def make_run(folder: Path) -> Path:
    with as_file(files("segmetry") / "demo" / "powder.png") as picture:
        run_batch(Recipe(), [picture], folder / "run")
    return folder / "run"


def correct(viewer: Viewer) -> None:
    """Cut the least convex object, and send it back, with the forms that a person uses."""
    from segmetry.napari_plugin.sending import send_back

    objects = viewer.layers["powder objects"]
    table = objects.features.set_index("index")
    number = int(table.loc[table["area_px"] > MANY, "solidity"].idxmin())
    rows, columns = np.nonzero(objects.data == number)
    middle = int(np.median(columns))
    line = np.array([[rows.min() - 8, middle], [rows.max() + 8, middle]], float)
    grid = {"scale": objects.scale, "units": objects.units}
    drawn = {"shape_type": "line", "edge_color": "white", "edge_width": 6}
    lines = viewer.add_shapes([line], name="lines", **drawn, **grid)
    [*_, form] = viewer.window.add_plugin_dock_widget("segmetry", "Correct")
    form(objects=objects, tool="split", lines=lines)
    form.lines.value = lines
    lines.add([line], **drawn)
    send_back(objects)
    objects.opacity = 0.45
    viewer.window.add_plugin_dock_widget("segmetry", "Send back")
    viewer.layers.selection.active = objects
    objects.selected_label = number


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=FIGURE)
    to = parser.parse_args().to
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NAPARI_CONFIG"] = str(Path(folder) / "settings.yaml")
        from napari.settings import get_settings
        from qtpy.QtWidgets import QApplication

        get_settings().application.gui_notification_level = "error"
        viewer = Viewer()
        viewer.window.resize(*SIZE)
        viewer.open(str(make_run(Path(folder))), plugin="segmetry")
        viewer.scale_bar.visible = True
        correct(viewer)
        for _ in range(20):  # the window first gets its size, then the picture
            QApplication.processEvents()
            time.sleep(0.05)
            viewer.reset_view(margin=0.01)
        pixels = viewer.screenshot(canvas_only=False, flash=False)
        window = Image.fromarray(pixels[..., :3]).quantize(COLOURS)
        window.save(to, optimize=True)
        viewer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
