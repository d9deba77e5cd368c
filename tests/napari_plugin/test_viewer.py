"""napari itself, with its window, on a screen that nobody sees."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from segmetry.io import read

SCRIPT = Path(__file__).parents[2] / "docs" / "make_napari_figure.py"
DESKTOP = {"win32", "darwin"}


@pytest.mark.slow
def test_a_run_is_opened_corrected_and_sent_back_in_a_window(tmp_path):
    """What the page shows is drawn anew: the script opens, cuts, sends, and photographs."""
    command = [sys.executable, "-W", "ignore", str(SCRIPT), "--to", str(tmp_path / "a.png")]
    if sys.platform not in DESKTOP:
        if shutil.which("xvfb-run") is None:
            pytest.skip("there is no screen; xvfb would give one")
        command = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", *command]
    told = {name: text for name, text in os.environ.items() if name != "QT_QPA_PLATFORM"}
    done = subprocess.run(
        command, env=told, capture_output=True, text=True, check=False, timeout=300
    )
    if "no Qt platform plugin could be initialized" in done.stderr:
        pytest.skip("Qt lacks libraries of X, such as libxcb-cursor0")
    assert done.returncode == 0, done.stderr
    window = read(tmp_path / "a.png").pixels
    assert window.shape[:2] == (720, 1360)
    canvas = window[110:600, 340:1080]
    assert len(np.unique(canvas.reshape(-1, canvas.shape[-1]), axis=0)) > 100
    assert (
        canvas.max(axis=-1) - canvas.min(axis=-1) > 40
    ).mean() > 0.2  # objects in colours
