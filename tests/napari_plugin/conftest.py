"""A run to open in napari, and napari itself, without a window."""

import importlib.util
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest

# Nothing of the user's own napari is read or written. Compiling its drawing of shapes and
# labels would take longer than all tests.
SETTINGS = Path(tempfile.mkdtemp()) / "settings.yaml"
SETTINGS.write_text(
    "experimental:\n  triangulation_backend: Pure python\n  colormap_backend: pure_python\n"
)
os.environ["NAPARI_CONFIG"] = str(SETTINGS)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

HAS_NAPARI = importlib.util.find_spec("napari") is not None
if HAS_NAPARI:
    with warnings.catch_warnings():
        # Of napari's own use of pydantic, told once when it is imported.
        warnings.simplefilter("ignore", DeprecationWarning)
        import magicgui  # noqa: F401
        import napari.components
        import napari.layers
        import npe2


@pytest.fixture(autouse=True)
def _napari_with_its_plugins():
    if not HAS_NAPARI:
        pytest.skip("napari is not installed: pip install 'segmetry[napari]'")
    npe2.PluginManager.instance().discover()


RECIPE = {
    "segmentation": {"name": "threshold"},
    "calibration": {"pixel_size": "50 nm", "scale_bar": False},
}
TRIANGLE = (
    '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": '
    '{"name": "CA1"}, "geometry": {"type": "Polygon", "coordinates": '
    "[[[10, 20], [290, 20], [290, 180], [10, 20]]]}}]}"
)


@pytest.fixture(scope="session")
def _once(tmp_path_factory, discs):
    from segmetry.batch import run_batch
    from segmetry.io import write_png
    from segmetry.recipe import Recipe

    folder = tmp_path_factory.mktemp("once")
    write_png(folder / "a.png", discs([10] * 12))
    write_png(folder / "b.png", discs([8] * 20, seed=1))
    (folder / "outlines").mkdir()
    (folder / "outlines" / "a.geojson").write_text(TRIANGLE)
    recipe = Recipe.model_validate(RECIPE | {"regions": {"path": "outlines"}})
    names = [folder / "a.png", folder / "b.png"]
    run_batch(recipe, names, folder / "run", folder=folder)
    return folder


@pytest.fixture
def run(_once, tmp_path):
    """The folder of a run on two pictures, the first with a region."""
    shutil.copytree(_once, tmp_path / "lab")
    return tmp_path / "lab" / "run"


@pytest.fixture
def viewer():
    """What a viewer of napari is made of, without a window."""
    return napari.components.ViewerModel()


@pytest.fixture
def opened(viewer, run):
    """The layer of the objects of picture a, opened from its run."""
    viewer.open(str(run), plugin="segmetry")
    return viewer.layers["a objects"]


@pytest.fixture
def labels_layer():
    """Two squares and a ring as a layer of objects."""
    from napari.layers import Labels

    data = np.zeros((40, 60), np.uint32)
    data[5:25, 5:25], data[5:25, 30:50] = 3, 8
    data[10:15, 35:40] = 0
    return Labels(data, scale=(0.5, 0.5), units=("um", "um"), name="squares")
