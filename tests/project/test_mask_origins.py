"""What a mask is, from what a person did to the objects that a program found."""

import pytest

from segmetry.edit import Edit
from segmetry.project.mask_origins import mask_kind, origin_of


@pytest.mark.parametrize(
    ("origins", "n_found", "kind"),
    [
        ([], 0, "draft"),
        (["found", "found"], 2, "draft"),
        (["found"], 2, "corrected"),  # one was deleted
        ([], 2, "corrected"),  # all were
        (["found", "edited"], 2, "corrected"),
        (["found", "drawn"], 1, "corrected"),
        (["edited"], 1, "corrected"),
        (["drawn"], 0, "from nothing"),
        (["drawn", "drawn"], 5, "from nothing"),  # after the draft was deleted
    ],
)
def test_what_is_left_tells_the_kind(origins, n_found, kind):
    numbered = dict(enumerate(origins, start=1))
    assert mask_kind(numbered, n_found=n_found) == kind


@pytest.fixture
def kind(project, labels):
    """Return the kind of the labels as they are now."""

    def now():
        picture = project.pictures.records()[0].id
        return origin_of(project.labels.records(picture)[0], labels).kind

    return now


def test_a_draft_is_one_until_it_is_corrected_and_when_that_was_undone(labels, kind):
    assert kind() == "draft"
    labels.edit(Edit("accept", ids=(1,)), op_id="a", base=0)
    assert kind() == "draft"
    labels.edit(Edit("delete", ids=(2,)), op_id="b", base=1)
    assert kind() == "corrected"
    labels.undo(op_id="c", base=2)
    assert kind() == "draft"


def test_a_mask_knows_its_threshold_and_its_objects(project, labels):
    labels.edit(Edit("draw", points=((5, 5),), width=9), op_id="a", base=0)
    record = project.labels.records(project.pictures.records()[0].id)[0]
    origin = origin_of(record, labels, checked=True)
    assert origin.kind == "corrected"
    assert origin.segmenter == "threshold"
    assert 60 < origin.threshold < 200
    assert origin.checked is True
    assert sorted(set(origin.objects.values())) == ["drawn", "found"]
    assert list(origin.objects.values()).count("drawn") == 1


def test_what_is_drawn_where_nothing_was_found_is_from_nothing(project, picture, simple):
    recipe = simple.model_copy(
        update={"segmentation": simple.segmentation.model_copy(update={"name": "nothing"})}
    )
    found = project.labels.run(project.pictures.add(picture), recipe)
    labels = project.labels.open(found)
    record = project.labels.record(found)
    assert origin_of(record, labels).kind == "draft"
    labels.edit(Edit("draw", points=((50, 50),), width=9), op_id="a", base=0)
    origin = origin_of(record, labels)
    assert (origin.kind, origin.segmenter, origin.threshold) == (
        "from nothing",
        "nothing",
        None,
    )
