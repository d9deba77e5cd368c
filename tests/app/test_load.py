"""Several people at once: a short run of benchmarks/app_load.py."""

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "app_load.py"


def test_four_people_at_once_are_all_answered(tmp_path):
    words = ["--clients", "4", "--seconds", "8", "--side", "1000", "--numbers"]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *words],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert (told["faults"], told["clients"]) == (0, 4)
    assert told["edits"] >= 4 * 8  # at half the pace at least, on a busy machine
    assert told["p95_ms"] < 2000
    assert told["memory_growth"] < 0.2
