"""OpenVINO is kept from sending anything, whoever imports it first."""

import subprocess
import sys

GUARDED = """
import sys
seen = []
def watch(event, given):
    if event.startswith("socket.") or event in {"subprocess.Popen", "os.fork", "os.system"}:
        seen.append(event)
sys.addaudithook(watch)
from segmetry.offline import block_usage_data
assert not any(name.startswith("openvino") for name in sys.modules)
block_usage_data()
import openvino
openvino.Core()
print(seen, "openvino_telemetry.main" in sys.modules)
"""


def test_openvino_opens_no_socket_and_starts_no_process():
    done = subprocess.run(
        [sys.executable, "-c", GUARDED], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] False"
    assert done.stderr == ""
