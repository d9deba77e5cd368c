import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "killed_edits.py"


@pytest.mark.slow
def test_a_program_killed_while_it_edits_loses_no_acknowledged_edit():
    command = [sys.executable, str(SCRIPT), "--repeats", "2", "--side", "200"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["kills"], told["lost"], told["mismatches"]) == (2, 0, 0)
    assert told["acknowledged"] > 0
