"""Tracks of films whose truth is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.tracking import LinkOptions, Motion, judge_links, track_objects

seeds = st.integers(0, 10**6)
few = settings(max_examples=8)


@given(seed=seeds)
@few
def test_moving_discs_keep_their_tracks(scenes, seed):
    frames, truth = scenes.film(seed)
    found = track_objects(frames)
    assert scenes.partition(found) == scenes.partition(truth)
    assert set(found["begins"]) == {"first picture", ""}
    assert set(found["ends"]) == {"last picture", ""}


@given(seed=seeds, frame=st.integers(1, 4))
@few
def test_divisions_are_found_where_they_are(scenes, seed, frame):
    frames, truth = scenes.film(seed, divides=[(2, frame), (4, frame), (7, 3)], speed=1.5)
    score = judge_links(track_objects(frames), truth)
    assert (score.precision, score.recall) == (1, 1)
    assert score.n_correct_events == score.n_true_events == 6


@given(seed=seeds)
@few
def test_every_object_is_in_one_track(scenes, seed):
    frames, _ = scenes.film(seed, divides=[(0, 2)])
    found = track_objects(frames)
    rows = [(n, label) for n, one in enumerate(frames) for label in np.unique(one)[1:]]
    assert list(zip(found["frame"], found["label"], strict=True)) == rows
    assert sorted(found["track"].unique()) == list(range(1, found["track"].max() + 1))


@given(seed=seeds)
@few
def test_the_order_of_labels_does_not_matter(scenes, seed):
    frames, _ = scenes.film(seed, divides=[(1, 2)])
    random = np.random.default_rng(seed)
    renamed, names = [], []
    for one in frames:
        name = np.concatenate([[0], 1 + random.permutation(one.max())]).astype(np.uint32)
        renamed.append(name[one])
        names.append(name)
    plain, other = track_objects(frames), track_objects(renamed)
    label = [names[f][n] for f, n in zip(plain["frame"], plain["label"], strict=True)]
    assert scenes.partition(plain.assign(label=label)) == scenes.partition(other)


@given(seed=seeds, dy=st.integers(-30, 30), dx=st.integers(-30, 30))
@few
def test_a_translation_of_all_pictures_changes_nothing(scenes, seed, dy, dx):
    frames, _ = scenes.film(seed, divides=[(4, 3)])
    padded = [np.pad(one, 40) for one in frames]
    moved = [np.roll(one, (dy, dx), axis=(0, 1)) for one in padded]
    columns = ["frame", "label", "track", "parents", "begins", "ends"]
    plain, other = track_objects(padded)[columns], track_objects(moved)[columns]
    assert scenes.partition(plain) == scenes.partition(other)
    # Labels are the same, so the rows are; tracks begin in the order of places.
    assert plain.equals(other)


@given(seed=seeds)
@few
def test_back_in_time_splits_are_mergers(scenes, seed):
    frames, _ = scenes.film(seed, divides=[(3, 2), (8, 4)], speed=1.5)
    ahead = track_objects(frames)
    back = track_objects(frames[::-1])
    back = back.assign(frame=len(frames) - 1 - back["frame"])
    assert scenes.partition(ahead) == scenes.partition(back)
    rows = ["frame", "label"]
    ahead, back = (one.sort_values(rows, ignore_index=True) for one in (ahead, back))
    mirror = {
        "split": "merger",
        "merger": "split",
        "first picture": "last picture",
        "appears": "disappears",
        "": "",
    }
    assert back["ends"].tolist() == [mirror[one] for one in ahead["begins"]]
    swapped = {there: here for here, there in mirror.items()} | {"split": "merger"}
    assert back["begins"].tolist() == [swapped[one] for one in ahead["ends"]]


def test_an_object_missed_in_one_picture_is_the_same(scenes):
    frames, truth = scenes.film(4)
    missed = frames[2].copy()
    label = truth.query("frame == 2 and track == 5")["label"].item()
    missed[missed == label] = 0
    frames[2] = missed
    bridged = track_objects(frames)
    assert bridged["track"].nunique() == 9
    lost = truth.query("not (frame == 2 and track == 5)")
    assert scenes.partition(bridged) == scenes.partition(lost)
    cut = track_objects(frames, gap=0)
    assert cut["track"].nunique() == 10
    assert (cut["ends"] == "disappears").sum() == (cut["begins"] == "appears").sum() == 1


def test_longer_gaps_are_bridged_where_that_is_asked_for(scenes):
    frames, truth = scenes.film(4, speed=1)
    for frame in (2, 3):
        row = truth.query(f"frame == {frame} and track == 5")["label"].item()
        frames[frame] = np.where(frames[frame] == row, 0, frames[frame])
    assert track_objects(frames, gap=1)["track"].nunique() == 10
    assert track_objects(frames, gap=2)["track"].nunique() == 9


def test_children_tell_their_parents(scenes):
    frames, _ = scenes.film(1, divides=[(0, 3)], speed=1)
    found = track_objects(frames)
    children = found[found["begins"] == "split"]
    parent = found[found["ends"] == "split"]
    assert children["parents"].tolist() == [str(parent["track"].item())] * 2
    assert parent["frame"].item() == 2


def test_drift_is_taken_off_before_objects_are_linked(scenes):
    frames, truth = scenes.film(6, n_frames=4, speed=0.5)
    drift = 24  # as far as neighbours are apart: without registration all is wrong
    moved = [np.pad(one, 100) for one in frames]
    moved = [np.roll(one, drift * n, axis=1) for n, one in enumerate(moved)]
    options = LinkOptions(max_distance=8)
    blind = judge_links(track_objects(moved, options=options), truth)
    told = track_objects(moved, options=options, motions=[Motion(x=drift)] * 3)
    assert judge_links(told, truth).f1 == 1
    assert blind.f1 < 0.5


def test_one_picture_and_none_are_no_error(scenes):
    assert len(track_objects([])) == 0
    assert len(track_objects([scenes.drawn(scenes.on_a_grid(0))])) == 9
    empty = np.zeros((5, 5), np.uint32)
    assert len(track_objects([empty, empty])) == 0


def test_what_does_not_fit_is_refused():
    one, other = np.zeros((5, 5), np.uint32), np.zeros((5, 6), np.uint32)
    with pytest.raises(ValueError, match="one shape"):
        track_objects([one, other])
    with pytest.raises(ValueError, match="1 motions"):
        track_objects([one, one], motions=[])
    with pytest.raises(ValueError, match="gap"):
        track_objects([one], gap=-1)
