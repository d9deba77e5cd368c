import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from segmetry.edit import Edit
from segmetry.project import Project

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "killed_edits.py"


@pytest.mark.slow
def test_a_program_killed_while_it_edits_loses_no_acknowledged_edit():
    command = [sys.executable, str(SCRIPT), "--repeats", "2", "--side", "200"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["kills"], told["lost"], told["mismatches"]) == (2, 0, 0)
    assert told["acknowledged"] > 0


def test_going_back_to_a_version_is_made_anew_too(tmp_path):
    spec = importlib.util.spec_from_file_location("killed_edits", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.make_project(tmp_path, 200)
    with Project.open(tmp_path) as project:
        labels = script.opened(project)
        labels.edit(Edit("delete", ids=(1,)), op_id="a", base=0)
        labels.keep_version("checked")
        labels.edit(Edit("delete", ids=(2, 3)), op_id="b", base=1)
        labels.restore(None, op_id="c", base=2)
        labels.restore("checked", op_id="d", base=3)
        labels.undo(op_id="e", base=4)
        labels.redo(op_id="f", base=5)
        assert labels.n_objects == 24
    assert script.after_crash(tmp_path, list("abcdef")) == (0, True)
    assert script.after_crash(tmp_path, list("abcdefg")) == (1, True)
