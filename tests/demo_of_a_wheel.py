"""Runs the demo in the app of an installed wheel, and says what came of it as JSON.

`python demo_of_a_wheel.py FOLDER`, with the folder into which the wheel was unpacked.
Where the network was taken away, only this computer itself is called.
"""

import json
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

_LOOPBACK_UP = struct.pack("16sh", b"lo", 0x1 | 0x40)  # the flags UP and RUNNING
_SET_FLAGS = 0x8914


def main(installed: Path) -> None:
    """Start the app, try the demo, find objects with a shipped method, and stop."""
    is_cut_off = _cut_off()
    with tempfile.TemporaryDirectory() as home:
        program = subprocess.Popen(
            [sys.executable, "-m", "segmetry", "app", "--no-browser", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=home,
            env={
                "PYTHONPATH": str(installed),
                "PATH": str(installed / "bin"),  # no Node
                "SEGMETRY_PROJECTS": home,
                "HOME": home,
            },
        )
        try:
            told = _demo(program.stdout.readline())
        finally:
            program.terminate()
            program.communicate()
    sys.stdout.write(json.dumps({"is_cut_off": is_cut_off, **told}))


def _cut_off() -> bool:
    """Wake the computer's way to itself where it has no other, and say whether it has."""
    if socket.if_nameindex() != [(1, "lo")]:
        return False
    import fcntl

    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, _LOOPBACK_UP)
    return True


def _demo(line: str) -> dict[str, object]:
    address = re.search(r"http\S+", line)[0]
    root = address.partition("?")[0]
    with httpx.Client(trust_env=False, timeout=60, follow_redirects=True) as browser:
        page = browser.get(address).text
        assets = [browser.get(root + name) for name in re.findall(r'"\./(\S+?)"', page)]
        browser.headers["Sec-Fetch-Site"] = "same-origin"
        api = f"{root}api/v1"
        (picture,) = browser.post(f"{api}/demo", json={}).json()["pictures"]
        place = f"{api}/images/{picture['id']}"
        _wait(browser, place, "ready")
        asked = {"segmenter": "threshold", "params": {}}
        browser.post(f"{place}/runs", json=asked).raise_for_status()
        found = _wait(browser, place, "done")
        export = f"{api}/labels/{found['labels']}/export"
        table = browser.get(export, params={"fmt": "csv"}).text
    return {
        "assets": [asset.status_code for asset in assets],
        "n_objects": found["n_objects"],
        "n_rows": len(table.splitlines()) - 1,
    }


def _wait(browser: httpx.Client, place: str, status: str) -> dict[str, object]:
    while True:
        picture = browser.get(place).raise_for_status().json()
        if picture["status"] == status:
            return picture
        assert picture["status"] != "failed", picture["message"]
        time.sleep(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
