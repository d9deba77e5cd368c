"""Each run leaves a result, and any of them can count."""

import uuid


def run_again(project, picture, simple):
    return project.labels.run(picture, simple)


def test_the_results_of_a_picture_are_listed_with_what_was_done_to_them(
    client, project, picture, label, simple
):
    body = {"op_id": str(uuid.uuid4()), "base": 0, "kind": "remove", "ids": [1, 2]}
    client.post(f"/api/v1/labels/{label}/ops", json=body).raise_for_status()
    second = run_again(project, picture, simple)
    told = client.get(f"/api/v1/images/{picture}/labels").json()
    assert [one["id"] for one in told] == [second, label]
    assert [one["n_objects"] for one in told] == [12, 10]
    assert [one["is_corrected"] for one in told] == [False, True]
    assert {one["segmenter"] for one in told} == {"threshold"}


def test_an_earlier_result_counts_again_everywhere(
    client, store, project, picture, label, simple
):
    (home,) = [one.id for one in store.listed()]
    body = {"op_id": str(uuid.uuid4()), "base": 0, "kind": "remove", "ids": [1, 2]}
    client.post(f"/api/v1/labels/{label}/ops", json=body).raise_for_status()
    run_again(project, picture, simple)
    shown = client.post(f"/api/v1/labels/{label}/choose").json()
    assert (shown["labels"], shown["n_objects"]) == (label, 10)
    assert client.get(f"/api/v1/images/{picture}").json() == shown
    told = client.get(f"/api/v1/projects/{home}/statistics").json()
    assert told["pooled"]["n"] <= 10
    other = "01JD3M0XZ6W8RT5Q4N7YV2KCAB"
    assert client.post(f"/api/v1/labels/{other}/choose").status_code == 404


def test_a_version_is_restored_and_that_is_undone(client, label):
    def post(way, **values):
        base = client.get(f"/api/v1/labels/{label}").json()["rev"]
        body = {"op_id": str(uuid.uuid4()), "base": base} | values
        return client.post(f"/api/v1/labels/{label}/{way}", json=body)

    post("ops", kind="remove", ids=[1, 2]).raise_for_status()
    client.post(f"/api/v1/labels/{label}/versions", json={"name": "two less"})
    post("ops", kind="remove", ids=[3]).raise_for_status()
    assert post("restore", version="two less").json()["n_objects"] == 10
    found = post("restore", version=None).json()
    assert (found["n_objects"], found["undo"]["kind"]) == (12, "restore")
    assert post("undo").json()["n_objects"] == 10
    refused = post("restore", version="three less")
    assert refused.status_code == 409
    assert "three less" in refused.json()["error"]["message"]
