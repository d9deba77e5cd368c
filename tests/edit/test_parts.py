import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.edit import Edit
from segmetry.edit.parts import banks_of, joined_by, parts_of
from segmetry.edit.runs import find

SHAPE = (24, 32)

pairs = st.lists(
    st.tuples(st.integers(0, 99), st.sets(st.integers(0, 9), max_size=3)), max_size=8
)


@settings(deadline=None, max_examples=40)
@given(pairs)
def test_things_that_share_a_key_are_joined(several):
    joined = joined_by([([thing], keys) for thing, keys in several])
    assert sorted(t for things, _ in joined for t in things) == sorted(
        t for t, _ in several
    )
    for k, (_, keys) in enumerate(joined):
        assert all(not keys & others for _, others in joined[k + 1 :])


def taken(mask, label=1):
    return find(mask, label=label)


@settings(deadline=None)
@given(st.integers(0, 5000))
def test_windows_of_any_size_find_the_same_parts(seed):
    rng = np.random.default_rng(seed)
    data = (rng.random(SHAPE) < 0.7).astype(np.uint32)
    hole = np.zeros(SHAPE, bool)
    row, column = rng.integers(2, 20), rng.integers(2, 26)
    hole[row : row + 3, column : column + 4] = True
    gone = taken(hole & (data == 1))
    if not len(gone):
        return
    banks = banks_of(data, gone).seeds().get(1, {})
    groups = tuple(group for group in banks.values() if len(group) > 1)
    if not groups:
        return
    box = (0, 0, SHAPE[1], SHAPE[0])
    whole, undecided = parts_of(data, gone, groups, label=1, box=box)
    assert undecided == ()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("segmetry.edit.parts._WHOLE", 1)
        patch.setattr("segmetry.edit.parts._MARGIN", 1)
        grown, undecided = parts_of(data, gone, groups, label=1, box=box)
        few, left = parts_of(data, gone, groups, label=1, box=box, limit=1)
    assert undecided == ()
    assert sorted(part.tolist() for part in grown) == sorted(p.tolist() for p in whole)
    # What a small window decides is right, and what it cannot decide it says.
    assert all(part.tolist() in [p.tolist() for p in whole] for part in few)
    assert len(few) == len(whole) or left


def test_a_dent_has_one_bank():
    data = np.ones((9, 9), np.uint32)
    hole = np.zeros((9, 9), bool)
    hole[0:3, 4] = True
    assert [len(group) for group in banks_of(data, taken(hole)).seeds()[1].values()] == [1]


def test_what_is_taken_whole_has_no_banks():
    data = np.eye(3, dtype=np.uint32)
    assert banks_of(data, taken(data == 1)).seeds() == {}


def test_objects_beside_each_other_have_banks_of_their_own():
    data = np.repeat([[1, 1, 1, 2, 2, 2]], 5, axis=0).astype(np.uint32)
    runs = np.array([[2, 0, 3, 1], [2, 3, 6, 2]])
    seeds = banks_of(data, runs).seeds()
    assert {label: len(*gaps.values()) for label, gaps in seeds.items()} == {1: 2, 2: 2}


def test_beside_what_others_lose_is_no_bank():
    data = np.array([[1, 1, 2, 0, 0, 1]], np.uint32)
    banks = banks_of(data, np.array([[0, 2, 3, 2], [0, 5, 6, 1]]))
    assert banks.beside.tolist() == []


def test_a_part_longer_than_what_is_seen_of_the_other_is_looked_at_again():
    # The right part goes on beyond the first window, and is the larger one only there.
    data = np.zeros((3, 400), np.uint32)
    data[1, 20:390] = 5
    gone = np.array([[1, 100, 101, 5]])
    groups = (((99, 1), (101, 1)),)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("segmetry.edit.parts._WHOLE", 1)
        parts, undecided = parts_of(data, gone, groups, label=5, box=(20, 1, 390, 2))
    assert undecided == ()
    assert [part.tolist() for part in parts] == [[[1, 20, 100, 5]]]


# What is pending, against a canvas that decides at once.


def same_parts(one, other):
    pairs = set(zip(one.ravel().tolist(), other.ravel().tolist(), strict=True))
    return len(pairs) == len(np.unique(one)) == len(np.unique(other))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(25))
def test_what_is_settled_late_is_what_would_have_been_decided_at_once(
    seed, objects, canvas_of, pieces_of, recount, monkeypatch
):
    rng = np.random.default_rng(seed)
    # In one piece each: of several, which one keeps the number depends on when it is asked.
    several = objects(seed, SHAPE)
    data = np.zeros(SHAPE, np.uint32)
    for label in np.unique(several[several > 0]):
        for piece in pieces_of(several == label):
            data[piece] = data.max() + 1
    at_once, late, changes = canvas_of(data), canvas_of(data), []
    for _ in range(8):
        stroke = tuple((int(x), int(y)) for x, y in rng.integers(-3, 37, (2, 2)))
        kind = ["draw", "erase", "erase", "erase"][rng.integers(4)]
        new = {"ids": (0,), "overwrite": True} if kind == "draw" else {}
        edit = Edit(kind, stroke, int(rng.integers(1, 7)), **new)
        monkeypatch.setitem(parts_of.__kwdefaults__, "limit", np.inf)
        at_once.apply(edit)
        monkeypatch.setitem(parts_of.__kwdefaults__, "limit", 1)
        monkeypatch.setattr("segmetry.edit.parts._WHOLE", 1)
        monkeypatch.setattr("segmetry.edit.parts._MARGIN", 1)
        changes.append(late.apply(edit))
        recount(late)
        if rng.random() < 0.2:
            changes.append(late.settle())
    changes.append(late.settle())
    assert not late.pending
    assert same_parts(late.labels().data, at_once.labels().data)
    for change in reversed(changes):
        late.revert(change)
    assert np.array_equal(late.labels().data, data)
    assert not late.pending
