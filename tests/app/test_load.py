"""Several people at once: a short run of benchmarks/app_load.py."""

import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import httpx

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
    assert told["edits"] >= 4
    assert told["memory_growth"] < 0.2


def test_a_server_that_does_not_answer_is_told_with_the_time_that_it_took(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPT.parent)
    load = importlib.import_module("app_load")

    def silent(request):
        msg = "nothing came"
        raise httpx.ReadTimeout(msg, request=request)

    class Silent:
        @staticmethod
        def client():
            transport = httpx.MockTransport(silent)
            return httpx.Client(base_url="http://silent/", transport=transport)

    told, options = load.Told(), SimpleNamespace(per_second=500, side=1000, numbers=False)
    load.work(Silent(), "L", 0, 1, time.monotonic() + 0.1, options, told)
    assert told.faults[0] == "ReadTimeout: nothing came"
    assert len(told.faults) == len(told.waits) > 1
