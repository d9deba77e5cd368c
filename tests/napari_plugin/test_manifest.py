import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

from typer.testing import CliRunner

import segmetry

MANIFEST = Path(segmetry.__file__).parent / "napari_plugin" / "napari.yaml"


def test_every_command_is_used():
    from npe2 import PluginManifest

    manifest = PluginManifest.from_file(MANIFEST)
    assert manifest.name == "segmetry"
    told = {command.id for command in manifest.contributions.commands}
    used = {
        item.command
        for kind in ("readers", "writers", "widgets")
        for item in getattr(manifest.contributions, kind)
    }
    assert used == told


def test_the_tool_of_npe2_finds_nothing_wrong():
    from npe2.cli import app

    done = CliRunner().invoke(app, ["validate", str(MANIFEST), "--imports"])
    assert done.exit_code == 0, done.output
    assert "valid!" in done.output


def test_napari_finds_the_plugin_by_its_entry_point():
    [entry] = entry_points(group="napari.manifest", name="segmetry")
    assert entry.value == "segmetry.napari_plugin:napari.yaml"


def test_nothing_but_the_widgets_imports_napari(run):
    """Scripts open runs on machines without a screen, and a run needs none of it."""
    script = (
        "import sys, segmetry, segmetry.cli, segmetry.web;"
        "from segmetry.napari_plugin.reading import get_reader;"
        f"print(len(get_reader({str(run)!r})(None)));"
        "print([n for n in ('napari', 'magicgui', 'qtpy', 'vispy') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["5", "[]"]
