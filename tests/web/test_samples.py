"""Pictures are chosen at random, and totals of all follow from those that are checked."""

import pytest

from segmetry.io import write_png
from segmetry.project.annotated import mark_checked


@pytest.fixture
def address(store, project, home, discs, look, simple):
    """Of a project with four segmented pictures."""
    for n in range(4):
        path = home / f"slice{n}.png"
        write_png(path, discs([8] * (5 + n), shape=(120, 200), seed=n))
        project.labels.run(look(path), simple)
    (identifier,) = [one.id for one in store.listed()]
    return f"/api/v1/projects/{identifier}"


def test_chosen_pictures_are_marked_in_all_windows(client, application, address):
    last = application.state.events.last
    told = client.put(f"{address}/sample", json={"n": 2, "seed": 7}).json()
    assert (told["seed"], len(told["pictures"])) == (7, 2)
    shown = [event.content["picture"] for event in application.state.events.after(last)]
    marked = [picture["id"] for picture in shown if picture["is_sampled"]]
    assert sorted(marked) == sorted(told["pictures"])
    assert len(shown) == 4


@pytest.mark.parametrize(("body", "status"), [({"n": 9}, 409), ({"n": 0}, 422), ({}, 422)])
def test_what_cannot_be_chosen_is_refused(client, address, body, status):
    answer = client.put(f"{address}/sample", json=body)
    assert answer.status_code == status


def test_totals_come_once_chosen_pictures_are_checked(client, project, address):
    for picture in client.put(f"{address}/sample", json={"n": 2}).json()["pictures"]:
        assert client.get(f"{address}/estimate").status_code in {200, 422}
        mark_checked(project, picture, project.labels.records(picture)[-1].id)
    told = client.get(f"{address}/estimate").json()
    assert (told["n_corrected"], told["automatic_count"]) == (2, 5 + 6 + 7 + 8)
    assert told["count"]["value"] == pytest.approx(26)
    assert told["groups"] == []
    assert client.get(f"{address}/estimate", params={"by": "animal"}).status_code == 409
