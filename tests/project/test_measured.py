import numpy as np
import pytest

from segmetry.edit import Canvas, Edit
from segmetry.image import Image, Labels, PixelSize
from segmetry.measure import measure
from segmetry.project import measured as project_measured
from segmetry.project.measured import Measured


def squares(seed=0, *, shape=(120, 160), dtype=np.uint8, crowded=False):
    """Labels of squares on a picture of noise; crowded ones leave no background."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    gap = 0 if crowded else 6
    inside = (y % 20 >= gap) & (x % 20 >= gap)
    data = np.where(inside, y // 20 * 8 + x // 20 + 1, 0).astype(np.uint32)
    pixels = rng.integers(0, 200, shape).astype(dtype)
    excluded = np.zeros(shape, bool)
    excluded[:5] = True
    data[:5] = 0
    size = PixelSize(y=2, x=3, unit="nm", source="typed")
    return Labels(data, Image(pixels, pixel_size=size, excluded=excluded))


def random_edit(rng, shape=(120, 160)):
    kind = str(rng.choice(["draw", "erase", "split", "merge", "remove", "fill"]))
    points = rng.integers(0, [shape[1], shape[0]], (rng.integers(1, 3), 2))
    points = tuple((int(x), int(y)) for x, y in points)
    return Edit(kind, points=points, width=int(rng.integers(1, 12)))


@pytest.mark.slow
@pytest.mark.parametrize("crowded", [False, True])
@pytest.mark.parametrize(
    ("dtype", "late"),
    [
        (np.uint8, {}),
        (np.float32, {}),
        (np.uint8, {"_LARGE": 300}),
        (np.uint8, {"_MANY": 2}),
    ],
)
def test_the_table_is_always_that_of_measuring_anew(monkeypatch, dtype, crowded, late):
    for name, most in late.items():
        monkeypatch.setattr(project_measured, name, most)
    canvas = Canvas.of(squares(dtype=dtype, crowded=crowded))
    measured = Measured(canvas, perimeters=("crofton",), confidence=None)
    rng = np.random.default_rng(3)
    done = []
    for rev in range(1, 41):
        if done and rng.random() < 0.3:
            change = canvas.revert(done.pop())
        else:
            change = canvas.apply(random_edit(rng))
            if not change.is_empty:
                done.append(change)
        before = measured.table
        measured.note([change], rev=rev)
        assert measured.table.equals(measure(canvas.labels(), perimeters=("crofton",)))
        assert measured.n_objects == len(measured.table)
        measured.settle(rev=rev)
        assert_all_that_differs_is_told(before, measured, rev)


def assert_all_that_differs_is_told(before, measured, rev):
    told = set(measured.rows_since(rev - 1)["label"])
    now = measured.table.set_index("label")
    before = before.set_index("label").reindex(now.index)
    differs = ~((now == before) | (now.isna() & before.isna())).all(axis=1)
    assert set(now.index[differs]) <= told


def test_rows_and_objects_that_are_gone_are_told():
    canvas = Canvas.of(squares())
    measured = Measured(canvas, perimeters=(), confidence=None)
    change = canvas.apply(Edit("merge", ids=(1, 2)))
    measured.note([change], rev=1)
    rows, gone = measured.rows_since(0), measured.gone([change])
    assert gone == (2,)
    assert 1 in rows["label"].tolist()
    assert rows.set_index("label").loc[1, "origin"] == "edited"
    assert list(rows.columns) == [*measured.table.columns, "origin"]


def test_neighbours_whose_background_was_painted_are_told_too():
    canvas = Canvas.of(squares())
    measured = Measured(canvas, perimeters=(), confidence=None)
    before = measured.table.set_index("label")["intensity_mean_above_background"]
    change = canvas.apply(Edit("draw", points=((102, 45), (102, 75)), width=3))
    measured.note([change], rev=1)
    after = measured.table.set_index("label")["intensity_mean_above_background"]
    differ = set(before.index[before != after[before.index]])
    rows = measured.rows_since(0)
    assert differ
    assert differ <= set(rows["label"])


def test_a_very_large_object_is_measured_when_hands_rest(monkeypatch):
    monkeypatch.setattr(project_measured, "_LARGE", 300)
    data = np.zeros((60, 60), np.uint32)
    data[5:45, 5:45], data[50:55, 50:55] = 1, 2
    canvas = Canvas.of(Labels(data, Image(np.zeros((60, 60), np.uint8))))
    measured = Measured(canvas, perimeters=(), confidence=None)
    change = canvas.apply(Edit("erase", points=((20, 5),), width=1))
    measured.note([change], rev=1)
    assert measured.late == (1,)
    assert measured.rows_since(0).empty
    measured.settle(rev=2)
    assert measured.late == ()
    assert measured.rows_since(1)["area_px"].tolist() == [40 * 40 - 1]
    measured.note([canvas.apply(Edit("erase", points=((30, 5),), width=1))], rev=3)
    assert measured.table["area_px"].tolist() == [40 * 40 - 2, 25]
    assert measured.late == (1,), "who asked for rows only has not seen it yet"
    measured.note([canvas.apply(Edit("remove", points=((30, 30),)))], rev=4)
    assert measured.late == ()
    assert measured.gone([change]) == (1,)


def test_very_many_objects_are_measured_when_hands_rest(monkeypatch):
    monkeypatch.setattr(project_measured, "_MANY", 3)
    canvas = Canvas.of(squares())
    measured = Measured(canvas, perimeters=(), confidence=None)
    box = canvas.objects["box"]
    y = int(box[0, 1] + 1)
    path = ((0, y), (int(box[:, 2].max()), y))
    change = canvas.apply(Edit("erase", points=path, width=1))
    touched = [k for k in change.changed if k in canvas.objects["label"]]
    assert len(touched) > 3
    measured.note([change], rev=1)
    assert set(touched) <= set(measured.late)
    assert not set(touched) & set(measured.rows_since(0)["label"])
    undone = canvas.revert(change)
    measured.note([undone], rev=2)
    measured.settle(rev=3)
    assert measured.late == ()
    assert set(touched) <= set(measured.rows_since(2)["label"])
    assert measured.table.equals(measure(canvas.labels()))


def test_all_objects_may_go():
    canvas = Canvas.of(squares())
    measured = Measured(canvas, perimeters=(), confidence=None)
    change = canvas.apply(Edit("delete", ids=tuple(range(1, 49))))
    measured.note([change], rev=1)
    assert len(measured.table) == 0
    assert measured.table.equals(measure(canvas.labels()))
    rows, gone = measured.rows_since(0), measured.gone([change])
    assert (len(rows), len(gone)) == (0, 48)
    back = canvas.revert(change)
    measured.note([back], rev=1)
    assert measured.table.equals(measure(canvas.labels()))


def test_what_an_object_was_sure_of_goes_when_it_is_edited():
    """Confidence was told of what was found, not of what a person made of it."""
    known = (np.arange(1, 49, dtype=np.uint32), np.linspace(0, 1, 48, dtype=np.float32))
    canvas = Canvas.of(squares())
    measured = Measured(canvas, perimeters=(), confidence=known)
    assert measured.table["confidence"].dtype == np.float32
    assert np.array_equal(measured.table["confidence"], known[1])
    change = canvas.apply(Edit("erase", points=((50, 50),), width=3))
    measured.note([change], rev=1)
    rows = measured.rows_since(0)
    told = rows.set_index("label")["confidence"]
    (edited,) = change.changed
    assert np.isnan(told[edited])
    assert told.drop(edited).notna().all()
    measured.note([canvas.revert(change)], rev=1)
    assert np.array_equal(measured.table["confidence"], known[1])


def test_a_table_that_was_given_out_stays_as_it_was():
    canvas = Canvas.of(squares())
    measured = Measured(canvas, perimeters=(), confidence=None)
    given = measured.table
    before = given.copy()
    label = int(canvas.objects["label"][0])
    x, y = canvas.objects["box"][0, :2].tolist()
    measured.note([canvas.apply(Edit("erase", points=((x, y),), width=3))], rev=1)
    assert given.equals(before)
    now = measured.table.set_index("label")["area_px"]
    assert now[label] < before.set_index("label")["area_px"][label]
