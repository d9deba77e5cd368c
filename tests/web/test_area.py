"""A person says which parts of a picture are no sample."""

import pytest

BOX = {"x": 5, "y": 15, "width": 30, "height": 30}
REGION = {"name": "CA1", "rings": [[[5, 15], [35, 15], [35, 45], [5, 45]]]}


def put(client, picture, banner=None, rectangles=(), **more):
    body = {"banner": banner, "rectangles": list(rectangles), **more}
    return client.put(f"/api/v1/images/{picture}/roi", json=body)


@pytest.fixture
def n_found(project, squares, simple):
    """Run the recipe on the picture, and count what is found."""
    return lambda: project.labels.n_objects(project.labels.run(squares, simple))


def test_the_other_windows_hear_of_what_was_chosen(
    application, client, squares, two_channels
):
    events = application.state.events
    heard = events.last
    area = put(client, squares, rectangles=[BOX]).json()
    address = f"/api/v1/images/{two_channels}/channel"
    channel = client.put(address, json={"channel": 1}).json()
    told = [(event.kind, event.content) for event in events.after(heard)]
    assert told == [("picture", {"picture": area}), ("picture", {"picture": channel})]


def test_objects_in_an_excluded_rectangle_are_not_found(client, squares, n_found):
    assert n_found() == 3
    answer = put(client, squares, rectangles=[BOX])
    assert answer.status_code == 200
    assert answer.json()["excluded"]["rectangles"] == [BOX]
    assert n_found() == 2
    put(client, squares)
    assert n_found() == 3


def test_objects_are_found_around_the_regions_only_where_a_person_says_so(
    client, squares, n_found
):
    answer = put(client, squares, regions=[REGION])
    assert answer.json()["excluded"]["regions"] == [REGION | {"classification": ""}]
    assert n_found() == 3
    assert put(client, squares, regions=[REGION], only=True).json()["excluded"]["only"]
    assert n_found() == 1


def test_a_banner_is_set_and_taken_away(client, project, squares, simple):
    answer = put(client, squares, banner=[30, 80])
    assert answer.json()["excluded"]["banner"] == [30, 80]
    found = project.labels.open(project.labels.run(squares, simple))
    assert found.labels.image.excluded[30:].all()
    assert not found.labels.image.excluded[:30].any()
    assert put(client, squares).json()["excluded"]["banner"] is None
    assert project.pictures.recipe(squares, simple).banner.exclude == "none"


def test_a_banner_that_stays_is_still_looked_for_by_itself(
    client, project, squares, simple
):
    put(client, squares, rectangles=[BOX])
    assert project.pictures.recipe(squares, simple).banner.exclude == "auto"


@pytest.mark.parametrize(
    ("banner", "box"),
    [
        ([0, 80], BOX),
        ([70, 81], BOX),
        ([70, 70], BOX),
        (None, BOX | {"width": 116}),
        (None, BOX | {"y": 80, "height": 1}),
    ],
)
def test_what_lies_outside_is_refused_and_changes_nothing(
    client, project, squares, banner, box
):
    before = project.pictures.record(squares)
    answer = put(client, squares, banner=banner, rectangles=[box])
    assert answer.status_code == 409
    assert "draw them again" in answer.json()["error"]["message"]
    assert project.pictures.record(squares) == before


@pytest.mark.parametrize("box", [{}, BOX | {"x": -1}, BOX | {"width": 0}, BOX | {"x": 1.5}])
def test_what_is_no_box_is_refused(client, squares, box):
    assert put(client, squares, rectangles=[box]).status_code == 422


@pytest.mark.parametrize(
    "rings",
    [
        [],
        [[[0, 0], [5, 5]]],
        [[[0, 0], [5, 5], [9, 9]]],
        [[[0, 0], [9, 9], [9, 0], [0, 9]]],
        [[[0, 0], [900, 0], [900, 9]]],
        [[["a", 0], [9, 0], [9, 9]]],
    ],
    ids=["no outline", "two points", "a line", "crossed", "outside", "a text"],
)
def test_what_bounds_no_part_of_the_picture_is_refused(client, squares, rings):
    answer = put(client, squares, regions=[{"name": "CA1", "rings": rings}])
    assert answer.status_code in {409, 422}
    assert client.get(f"/api/v1/images/{squares}").json()["excluded"]["regions"] == []


def use(client, picture, channel):
    return client.put(f"/api/v1/images/{picture}/channel", json={"channel": channel})


def test_objects_are_found_in_the_channel_that_was_chosen(
    client, project, two_channels, simple
):
    shown = client.get(f"/api/v1/images/{two_channels}").json()
    assert (shown["channels"], shown["channel"]) == (["DAPI", "walls"], None)
    for channel, n_objects in ((0, 3), (1, 1)):
        shown = use(client, two_channels, channel).json()
        assert (shown["channel"], shown["status"]) == (channel, "ready")
        label = project.labels.run(two_channels, simple)
        found = project.labels.open(label).labels
        assert len(found.ids) == n_objects
        assert found.image.axes == "YX"
        told = client.get(f"/api/v1/labels/{label}/command").json()["command"]
        assert f"--channel {channel}" in told
        project.labels.remove(label)
    assert use(client, two_channels, None).json()["channel"] is None


def test_a_channel_that_is_not_there_is_refused_and_changes_nothing(
    client, two_channels, squares
):
    use(client, two_channels, 1)
    refused = use(client, two_channels, 2)
    assert refused.status_code == 409
    assert "no channel 2" in refused.json()["error"]["message"]
    assert client.get(f"/api/v1/images/{two_channels}").json()["channel"] == 1
    assert use(client, squares, 0).status_code == 409
