"""Many people at once: 20 correct objects for five minutes, each twice a second.

    python benchmarks/app_load.py --write docs/benchmarks_app.md

Each has labels of their own, of a picture of 17 megapixels with 10,000 objects, on one
server. With `--numbers`, each also asks for the numbers after every edit, as the app's
window does. Prints one JSON object; the exit status is 1 if anything was refused or failed.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from app_server import Server, draw_picture
from edit_speed import strokes

_START = "<!-- made by benchmarks/app_load.py -->"
_END = "<!-- end of app_load.py -->"
_KINDS = ("draw", "draw", "erase", "split", "remove", "undo")
_SETTLED = 0.2  # of the time, after which memory should not grow any more


@dataclass
class Told:
    """What all clients together have seen."""

    waits: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def main() -> None:
    options = parsed()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["SEGMETRY_PROJECTS"] = str(Path(home) / "projects")
        draw_picture(Path(home) / "load", options.side, n_sets=options.clients)
        server = Server(Path(home) / "load")
        try:
            result = loaded(server, options)
        finally:
            server.close()
    print(json.dumps(result))
    if options.write is not None:
        page = options.write.read_text(encoding="utf-8")
        before, after = page.split(_START)[0], page.split(_END)[1]
        page = f"{before}{_START}\n\n{sentence(result)}\n\n{_END}{after}"
        options.write.write_text(page, encoding="utf-8")
    sys.exit(1 if result["faults"] else 0)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", type=Path, help="a page that has a place for the result")
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--per-second", type=float, default=2, help="edits of each client")
    parser.add_argument("--side", type=int, default=4125, help="of the picture, in pixels")
    parser.add_argument("--numbers", action="store_true")
    return parser.parse_args()


def loaded(server: Server, options: argparse.Namespace) -> dict[str, Any]:
    """Let all clients work, and return what they and the server's memory tell."""
    told, memory = Told(), []
    process = psutil.Process(server.process.pid)
    with server.client() as client:
        server.picture(client)
        # The tables of all labels are made before the clock runs.
        revs = {label: rev_of(client, label) for label in server.label_sets}
    until = time.monotonic() + options.seconds
    clients = [
        threading.Thread(target=work, args=(server, label, rev, k, until, options, told))
        for k, (label, rev) in enumerate(revs.items())
    ]
    for thread in clients:
        thread.start()
    while any(thread.is_alive() for thread in clients):
        memory.append(process.memory_info().rss / 2**20)
        time.sleep(options.seconds / 100)
    calm = memory[int(_SETTLED * len(memory)) :]
    middle, high, most = np.percentile(told.waits or [np.nan], [50, 95, 100])
    return {
        "clients": options.clients,
        "seconds": options.seconds,
        "side": options.side,
        "with_numbers": options.numbers,
        "edits": len(told.waits),
        "faults": len(told.faults),
        "first_fault": told.faults[0] if told.faults else None,
        "p50_ms": round(float(middle), 1),
        "p95_ms": round(float(high), 1),
        "max_ms": round(float(most), 1),
        "memory_mb": round(calm[0], 1),
        "memory_growth": round(calm[-1] / calm[0] - 1, 4),
    }


def rev_of(client: httpx.Client, label: str) -> int:
    return int(client.get(f"labels/{label}").raise_for_status().json()["rev"])


def work(
    server: Server,
    label: str,
    rev: int,
    seed: int,
    until: float,
    options: argparse.Namespace,
    told: Told,
) -> None:
    """Edit at a steady pace until the time is over; what fails is noted."""
    pause = 1 / options.per_second
    due = time.monotonic() + pause * np.random.default_rng(seed).random()
    with server.client() as client:
        for address, body in edits(label, options.side, seed):
            time.sleep(max(0, due - time.monotonic()))
            due += pause
            if due > until:
                return
            asked = {"op_id": str(uuid.uuid4()), "base": rev, **body}
            try:
                answer = timed(client, address, asked, told)
                if answer.status_code != 200:
                    told.faults.append(f"{answer.status_code} {answer.text[:200]}")
                    rev = rev_of(client, label)
                    continue
                rev = answer.json()["rev"]
                if answer.json()["pending"]:
                    rev = rev_of(client, label)
                if options.numbers:
                    numbers = {"measure": "equivalent_diameter_px"}
                    told_of = f"labels/{label}/summary"
                    client.get(told_of, params=numbers).raise_for_status()
            except (httpx.HTTPError, ValueError, KeyError) as error:
                told.faults.append(f"{type(error).__name__}: {error}"[:300])


def timed(
    client: httpx.Client, address: str, asked: dict[str, Any], told: Told
) -> httpx.Response:
    """Send an edit; how long it took counts, also where no answer came."""
    begun = time.perf_counter()
    try:
        return client.post(address, json=asked)
    finally:
        told.waits.append(1000 * (time.perf_counter() - begun))


def edits(label: str, side: int, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield addresses and bodies of edits, without end."""
    rng = np.random.default_rng(seed)
    while True:
        for path in strokes(side, 16, 100, int(rng.integers(2**31))):
            kind = str(rng.choice(_KINDS))
            if kind == "undo":
                yield f"labels/{label}/undo", {}
            else:
                yield f"labels/{label}/ops", {"kind": kind, "points": path, "width": 16}


def sentence(result: dict[str, Any]) -> str:
    numbers = ", numbers asked for after each" if result["with_numbers"] else ""
    return (
        f"{result['clients']} clients for {result['seconds']:g} s, two edits a second each"
        f"{numbers}: {result['edits']:,} edits, {result['faults']} failed; answered in "
        f"{result['p50_ms']:.0f} ms (median), {result['p95_ms']:.0f} ms (p95), "
        f"{result['max_ms']:.0f} ms (slowest). The server "
        f"held {result['memory_mb']:,.0f} MB, "
        f"and {100 * result['memory_growth']:+.1f} % at the end."
    )


if __name__ == "__main__":
    main()
