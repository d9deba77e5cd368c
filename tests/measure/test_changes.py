import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.measure.changes import compare_labels, shared_pixels


@st.composite
def two_label_images(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = rng.integers(1, 12, 2)
    numbers = np.array([0, 1, 2, 9, 70_000, 2**32 - 1], np.uint32)
    before = rng.choice(numbers, shape)
    changed = rng.random(shape) < draw(st.sampled_from([0, 0.1, 0.9]))
    return before, np.where(changed, rng.choice(numbers, shape), before)


@given(two_label_images())
def test_every_pixel_is_counted_once_for_its_pair(both):
    before, after = both
    pairs = list(
        zip(*(part.tolist() for part in shared_pixels(before, after)), strict=True)
    )
    for one, other, count in pairs:
        assert count == np.count_nonzero((before == one) & (after == other)) > 0
    assert sum(count for *_, count in pairs) == before.size


@given(two_label_images())
@settings(deadline=None)
def test_every_object_is_told_as_its_pixels_say(both):
    before, after = both
    told = compare_labels(before, after)
    ids = np.union1d(before, after)
    assert told["label"].tolist() == ids[ids > 0].tolist()
    for row in told.to_dict("records"):
        was, now = before == row["label"], after == row["label"]
        assert (row["area_before_px"], row["area_after_px"]) == (was.sum(), now.sum())
        expected = "kept" if np.array_equal(was, now) else "edited"
        expected = expected if was.any() else "drawn"
        assert row["change"] == (expected if now.any() else "removed")
        if row["change"] in ("kept", "edited"):
            assert row["related_label"] == 0
            continue
        others = (before if row["change"] == "drawn" else after)[was | now]
        counts = {one: np.count_nonzero(others == one) for one in others if one}
        best = max(counts.values(), default=0)
        wanted = min((one for one in counts if counts[one] == best), default=0)
        assert row["related_label"] == wanted


@pytest.mark.parametrize("n_objects", [0, 3])
def test_labels_that_nobody_changed_are_kept(n_objects):
    labels = np.arange(n_objects + 1, dtype=np.uint32).repeat(4).reshape(2, -1)
    told = compare_labels(labels, labels)
    assert len(told) == n_objects
    assert set(told["change"]) <= {"kept"}


def test_volumes_are_compared_too():
    before = np.zeros((2, 3, 4), np.uint32)
    before[1] = 5
    told = compare_labels(before, np.zeros_like(before))
    assert told.to_dict("records") == [
        {
            "label": 5,
            "change": "removed",
            "area_before_px": 12,
            "area_after_px": 0,
            "related_label": 0,
        }
    ]
