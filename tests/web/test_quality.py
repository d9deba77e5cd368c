"""The route about the quality of pictures."""


def test_the_verdict_of_each_picture_is_told_by_its_identifier(
    client, store, project, label
):
    (identifier,) = [one.id for one in store.listed()]
    told = client.get(f"/api/v1/projects/{identifier}/quality")
    assert told.status_code == 200, told.text
    picture = project.labels.record(label).picture
    assert told.json()["pictures"] == {picture: {"verdict": "pass", "reason": ""}}
    assert told.json()["compared"] is False


def test_a_project_without_labels_has_no_verdicts(client, store, home):
    identifier = store.open_folder(home)
    assert client.get(f"/api/v1/projects/{identifier}/quality").status_code == 409
