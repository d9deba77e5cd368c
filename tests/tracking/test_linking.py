"""Links between two pictures."""

import numpy as np
import pytest

from segmetry.tracking import LinkOptions, Motion, Objects, link_objects

FAR = LinkOptions(max_distance=12)


def linked(before, after, options=FAR, motion=None):
    links = link_objects(Objects.of(before), Objects.of(after), options, motion)
    return {
        name: getattr(links, name).tolist() for name in ("continued", "splits", "mergers")
    }


def test_objects_that_stay_are_linked_to_themselves(scenes):
    picture = scenes.drawn(scenes.on_a_grid(0))
    assert linked(picture, picture) == {
        "continued": [[n, n] for n in range(9)],
        "splits": [],
        "mergers": [],
    }


def test_a_sure_overlap_is_not_given_up_for_two_doubtful_ones():
    before = np.zeros((30, 40), np.uint32)
    after = before.copy()
    before[10:20, 5:25], before[10:20, 25:33] = 1, 2
    after[10:20, 2:8], after[10:20, 8:28] = 1, 2
    overlap_alone = LinkOptions(max_distance=0)
    assert linked(before, after, overlap_alone)["continued"] == [[0, 1]]


def test_a_disc_that_divides_is_a_split_and_back_in_time_a_merger(scenes):
    before = scenes.drawn([(60, 60, 10), (20, 20, 6)])
    after = scenes.drawn([(60, 52, 7), (60, 67, 7), (20, 22, 6)])
    assert linked(before, after) == {
        "continued": [[1, 2]],
        "splits": [[0, 0], [0, 1]],
        "mergers": [],
    }
    assert linked(after, before) == {
        "continued": [[2, 1]],
        "splits": [],
        "mergers": [[0, 0], [1, 0]],
    }


def test_daughters_that_are_thrown_apart_are_found_by_distance_and_area(scenes):
    before = scenes.drawn([(60, 60, 10)])
    after = scenes.drawn([(60, 55, 7), (60, 71, 7)])
    assert linked(before, after)["splits"] == [[0, 0], [0, 1]]
    assert linked(after, before)["mergers"] == [[0, 0], [1, 0]]


def test_a_neighbour_that_comes_in_is_no_daughter_where_areas_do_not_add_up(scenes):
    before = scenes.drawn([(60, 60, 7)])
    after = scenes.drawn([(60, 60, 7), (60, 72, 4)])
    assert linked(before, after) == {"continued": [[0, 0]], "splits": [], "mergers": []}


def test_distance_is_a_gate(scenes):
    before, after = scenes.drawn([(60, 40, 5)]), scenes.drawn([(60, 60, 5)])
    assert linked(before, after, LinkOptions(max_distance=19.9))["continued"] == []
    assert linked(before, after, LinkOptions(max_distance=20.1))["continued"] == [[0, 0]]
    assert linked(before, after, LinkOptions(max_distance=0))["continued"] == []


def test_a_shift_of_the_scene_is_taken_off(scenes):
    discs = scenes.on_a_grid(3)
    shifted = discs + np.array([0, 30, 0])
    before, after = scenes.drawn(discs), scenes.drawn(shifted)
    kept = [[n, n] for n in range(len(discs)) if shifted[n, 1] < 130]
    assert linked(before, after, motion=Motion(x=30))["continued"][: len(kept)] != []
    for pair in kept:
        assert pair in linked(before, after, motion=Motion(x=30))["continued"]


def test_no_object_is_linked_twice(scenes):
    random = np.random.default_rng(5)
    for _ in range(10):
        before, after = (
            scenes.drawn(
                np.column_stack([random.uniform(5, 115, (25, 2)), random.uniform(3, 9, 25)])
            )
            for _ in range(2)
        )
        links = linked(before, after)
        pairs = np.array([*links["continued"], *links["splits"], *links["mergers"]])
        assert len(pairs) == len(np.unique(pairs, axis=0))
        for side, kind in (
            (0, "continued"),
            (1, "continued"),
            (1, "splits"),
            (0, "mergers"),
        ):
            members = [pair[side] for pair in links[kind]]
            assert len(members) == len(set(members)), kind


def test_an_empty_picture_links_to_nothing(scenes):
    empty = np.zeros((120, 140), np.uint32)
    full = scenes.drawn(scenes.on_a_grid(1))
    nothing = {"continued": [], "splits": [], "mergers": []}
    assert linked(empty, full) == linked(full, empty) == linked(empty, empty) == nothing


@pytest.mark.parametrize("distance", [-1, np.nan, np.inf])
def test_a_distance_that_means_nothing_is_refused(distance):
    with pytest.raises(ValueError, match="max_distance"):
        LinkOptions(max_distance=distance)


@pytest.mark.parametrize("overlap", [0, 1.1])
def test_an_overlap_that_means_nothing_is_refused(overlap):
    with pytest.raises(ValueError, match="min_overlap"):
        LinkOptions(max_distance=3, min_overlap=overlap)
