"""A whole project is saved over HTTP, and opens again beside the first."""

import time
import uuid

import pytest

OCTETS = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def archive(client, store, label, project):
    body = {"op_id": str(uuid.uuid4()), "base": 0, "kind": "delete", "ids": [5]}
    assert client.post(f"/api/v1/labels/{label}/ops", json=body).status_code == 200
    (identifier,) = [one.id for one in store.listed()]
    project.rename("Batch")
    answer = client.get(f"/api/v1/projects/{identifier}/archive")
    assert 'filename="Batch.segmetry.zip"' in answer.headers["content-disposition"]
    return answer.content


@pytest.mark.slow
def test_a_project_comes_back_with_undo(client, archive, label):
    answer = client.post("/api/v1/projects/import", content=archive, headers=OCTETS)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["name"] == "Batch"
    assert client.get("/api/v1/projects").json()[0]["id"] == told["id"]
    (picture,) = told["pictures"]
    while picture["status"] == "reading":  # its labels are opened with care meanwhile
        time.sleep(0.05)
        picture = client.get(f"/api/v1/projects/{told['id']}").json()["pictures"][0]
    address = f"/api/v1/labels/{picture['labels']}"
    assert picture["labels"] != label
    assert client.get(address).json()["n_objects"] == 11
    walk = {"op_id": str(uuid.uuid4()), "base": 1}
    assert client.post(f"{address}/undo", json=walk).json()["n_objects"] == 12
    assert client.get(f"/api/v1/labels/{label}").json()["n_objects"] == 11


@pytest.mark.parametrize("n_bytes", [0, 5, 5000])
def test_what_is_no_project_is_refused_and_not_listed(client, archive, n_bytes):
    answer = client.post(
        "/api/v1/projects/import", content=archive[:n_bytes], headers=OCTETS
    )
    assert answer.status_code == 422
    assert "no project of Segmetry" in answer.json()["error"]["message"]
    assert len(client.get("/api/v1/projects").json()) == 1
    words = client.post("/api/v1/projects/import", json={})
    assert words.status_code == 415
