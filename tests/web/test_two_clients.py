"""Two windows correct the same labels at once: neither loses anything, and both agree."""

import hashlib
import threading

import httpx
import numpy as np
import pytest

N_EDITS = 500  # of each
KINDS = ["draw"] * 5 + ["erase", "split", "merge", "fill", "remove", "undo", "redo"]


class Window:
    """Labels and table as a client keeps them: from what edits are answered alone."""

    def __init__(self, client, label, seed):
        self.client, self.address = client, f"/api/v1/labels/{label}"
        self.random = np.random.default_rng(seed)
        self.rev = self.get("")["rev"]
        tile = client.get(f"{self.address}/tiles/0/0/0").content
        self.data = np.frombuffer(tile, "<u4").reshape(200, 300).copy()
        self.rows = {row[0]: row for row in self.get("/objects")["values"]}
        self.n_conflicts = 0

    def get(self, path, **asked):
        answer = self.client.get(self.address + path, params=asked)
        return answer.raise_for_status().json()

    def work(self):
        for number in range(N_EDITS):
            kind = str(self.random.choice(KINDS))
            path, edit = f"/{kind}", {}
            if kind not in {"undo", "redo"}:
                points = self.random.integers(0, (300, 200), (3, 2))
                points[1:] = points[0] + (points[1:] - points[0]) // 5
                edit = {"kind": kind, "points": points.tolist(), "width": 7}
                path = "/ops"
            self.send(path, edit | {"op_id": f"{id(self)}-{number}"})

    def send(self, path, edit):
        while True:
            address = self.address + path
            answer = self.client.post(address, json={**edit, "base": self.rev})
            if answer.status_code == 200:
                return self.take(answer.json())
            assert answer.status_code == 409, answer.text
            self.n_conflicts += 1
            self.take(self.get("/ops", since=self.rev))

    def take(self, told):
        for patch in told["patches"]:
            rows = slice(patch["y"], patch["y"] + patch["height"])
            part = self.data[rows, patch["x"] : patch["x"] + patch["width"]]
            ids, lengths = np.array(patch["runs"]).T
            new = np.repeat(ids, lengths).reshape(part.shape)
            np.copyto(part, new.astype(np.uint32), where=new >= 0)
        self.rows |= {row[0]: row for row in told["rows"]["values"]}
        for number in told["gone"]:
            self.rows.pop(number, None)
        self.rev = told["rev"]


def digest(data):
    return hashlib.sha256(np.ascontiguousarray(data, "<u4").tobytes()).hexdigest()


@pytest.mark.slow
def test_a_thousand_edits_of_two_windows_have_one_result(client, opened, label):
    others = {"headers": client.headers, "cookies": client.cookies, "timeout": 60}
    with httpx.Client(base_url=client.base_url, trust_env=False, **others) as other:
        windows = [Window(client, label, 0), Window(other, label, 1)]
        threads = [threading.Thread(target=window.work) for window in windows]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for window in windows:
            window.take(window.get("/ops", since=window.rev))
    first, second = windows
    assert min(first.n_conflicts, second.n_conflicts) > 0  # they were in each other's way
    assert first.rev == second.rev == opened.rev > N_EDITS
    assert digest(first.data) == digest(second.data) == digest(opened.labels.data)
    table = first.get("/objects")["values"]
    for window in windows:
        assert [window.rows[number] for number in sorted(window.rows)] == table
