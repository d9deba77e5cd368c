import json
import shutil

import numpy as np
import pandas as pd
import pytest

from segmetry.compare import CompareOptions, compare, find_methods
from segmetry.errors import DatasetError, RecipeError
from segmetry.io import write_png

METHODS = ["threshold", "threshold:min_area=16", "local:window=31"]


def run(folder, out, methods=METHODS, **options):
    return compare(
        folder / "images",
        folder / "masks",
        find_methods(methods),
        out,
        options=CompareOptions(**options),
    )


def scores_of(found, name="dsb_score"):
    return {label: one.scores[name] for label, one in found.evaluations.items()}


def test_all_files_are_there_and_agree(drawn, tmp_path):
    found = run(drawn, tmp_path / "out")
    board = pd.read_csv(tmp_path / "out" / "leaderboard.csv")
    assert board["method"].tolist() == list(found.methods)
    assert board["dsb_score"].is_monotonic_decreasing
    assert set(board["method"]) == {*METHODS, "baseline"}
    pictures = pd.read_csv(tmp_path / "out" / "pictures.csv")
    assert len(pictures) == 4 * 6
    means = pictures.groupby("method")["dsb_score"].mean()
    assert means[board["method"]].tolist() == pytest.approx(board["dsb_score"].tolist())
    assert (pictures["cpu_s"] >= 0).all()
    values = json.loads((tmp_path / "out" / "compare.json").read_text())
    assert [one["method"] for one in values["methods"]] == list(found.methods)
    page = (tmp_path / "out" / "compare.html").read_text()
    assert "local:window=31" in page
    assert "<script" not in page


def test_a_method_equal_to_another_differs_by_nothing(drawn, tmp_path):
    found = run(drawn, tmp_path / "out", against="threshold")
    same = {
        one.method: one
        for one in found.differences
        if one.other == "threshold" and one.method != "local:window=31"
    }
    assert set(same) == {"threshold:min_area=16", "baseline"}
    for one in same.values():
        assert (one.value, one.low, one.high, one.says) == (0, 0, 0, "the same")


def test_the_order_of_methods_and_pictures_changes_no_score(drawn, tmp_path):
    one = run(drawn, tmp_path / "one")
    for kind in ("images", "masks"):  # written anew, the last first
        files = sorted((drawn / kind).iterdir(), reverse=True)
        (drawn.parent / "again" / kind).mkdir(parents=True)
        for path in files:
            shutil.copy(path, drawn.parent / "again" / kind / path.name)
    other = run(drawn.parent / "again", tmp_path / "other", METHODS[::-1])
    assert scores_of(one) == scores_of(other)
    assert one.methods == other.methods
    assert one.differences == other.differences


def test_finished_results_are_kept_and_give_the_same(drawn, tmp_path, spies, monkeypatch):
    whole = run(drawn, tmp_path / "whole", [*METHODS, "memory"])
    half = tmp_path / "half"
    run(drawn, half, ["threshold"])
    found = run(drawn, half, [*METHODS, "memory"], resume=True)
    assert scores_of(found) == scores_of(whole)
    assert found.differences == whole.differences

    def no_work(*_words, **_how):
        raise AssertionError

    spies.lessons.clear()
    monkeypatch.setattr("segmetry.compare.judging.measured", no_work)
    again = run(drawn, half, [*METHODS, "memory"], resume=True)
    assert scores_of(again) == scores_of(whole)
    assert spies.lessons == []


def test_a_changed_mask_is_judged_again(drawn, tmp_path):
    before = run(drawn, tmp_path / "out", ["threshold"])
    (drawn / "masks" / "p0.tif").unlink()
    write_png(drawn / "masks" / "p0.png", np.zeros((96, 96), np.uint8))
    after = run(drawn, tmp_path / "out", ["threshold"], resume=True)
    assert after.evaluations["threshold"].pictures["p0"]["dsb_score"] == 0
    assert before.evaluations["threshold"].pictures["p0"]["dsb_score"] > 0.5


def test_earlier_results_are_not_replaced_unasked(drawn, tmp_path):
    run(drawn, tmp_path / "out", ["threshold"])
    with pytest.raises(RecipeError, match="already holds results"):
        run(drawn, tmp_path / "out", ["threshold"])
    run(drawn, tmp_path / "out", ["local"], overwrite=True)
    with pytest.raises(RecipeError, match="Choose --resume"):
        run(drawn, tmp_path / "out", ["local"], overwrite=True, resume=True)


def test_one_that_learns_by_heart_scores_nothing(drawn, tmp_path, spies):
    found = run(drawn, tmp_path / "out", ["memory"], folds=3)
    assert found.evaluations["memory"].scores["dsb_score"].value == 0
    assert len(spies.lessons) == 3
    assert found.how["memory"] == "cross-validation in 3 folds"


def test_copies_under_other_names_are_not_learned_from(drawn, tmp_path, spies):
    """A copy in another fold would let one that learns by heart look good."""
    for k in range(3):
        for kind, end in (("images", "png"), ("masks", "tif")):
            source = drawn / kind / f"p{k}.{end}"
            shutil.copy(source, source.with_name(f"q{k}.{end}"))
    found = run(drawn, tmp_path / "out", ["memory"], folds=4)
    assert found.evaluations["memory"].scores["dsb_score"].value == 0
    assert found.evaluations["memory"].n_units == 6
    assert any("show the same thing" in note for note in found.notes)
    del spies


def test_train_pictures_that_are_judged_too_are_left_out(drawn, tmp_path, spies):
    train = tmp_path / "train"
    shutil.copytree(drawn, train)
    for kind in ("images", "masks"):  # one picture that nobody judges
        path = next((drawn / kind).glob("p5.*"))
        path.unlink()
    folders = (train / "images", train / "masks")
    found = run(drawn, tmp_path / "out", ["memory"], train=folders)
    assert found.evaluations["memory"].scores["dsb_score"].value == 0
    assert spies.lessons == [("p5.png",)]
    assert found.how == {"memory": "1 other picture"}
    assert any("5 of 6 pictures of the train folder" in note for note in found.notes)
    with pytest.raises(DatasetError, match="looks like one that judges"):
        run(drawn, tmp_path / "o2", ["memory"], train=(drawn / "images", drawn / "masks"))


def test_groups_are_scored_apart_and_kept_whole(drawn, tmp_path, spies):
    sheet = tmp_path / "sheet.csv"
    rows = [f"p{k}.png,{'dark' if k < 3 else 'light'},f{k % 3}" for k in range(6)]
    sheet.write_text("\n".join(["image,class,group", *rows]))
    options = {"groups": sheet, "by": "class", "cluster": "group"}
    found = run(drawn, tmp_path / "out", ["threshold", "memory"], **options)
    assert set(found.evaluations["threshold"].groups) == {"dark", "light"}
    assert found.evaluations["threshold"].n_units == 3
    assert all(one.says == "too few pictures" for one in found.differences)
    for lesson in spies.lessons:  # the pictures of a field are all there, or none
        fields = {int(name[1]) % 3 for name in lesson}
        assert len(lesson) == 2 * len(fields)
    board = pd.read_csv(tmp_path / "out" / "leaderboard.csv")
    apart = board[board["group"] == "dark"]
    assert apart["n_pictures"].tolist() == [3, 3, 3]


def test_a_bad_picture_and_a_bad_method_stop_nothing(drawn, tmp_path, spies):
    del spies
    (drawn / "images" / "p2.png").write_bytes(b"no picture")
    found = run(drawn, tmp_path / "out", ["threshold", "broken", "broken:most=255"])
    assert len(found.evaluations["threshold"].pictures) == 5
    assert found.methods[-1] == "broken"
    reasons = {(one.method, one.picture): one.reason for one in found.failed}
    assert len(reasons) == 6 + 1 + 1 + 1
    assert reasons["broken", "p0"] == "ZeroDivisionError: too bright"
    assert "p2" in reasons["threshold", "p2"]
    assert any("broken has results for 0 of 5" in note for note in found.notes)


def test_nothing_that_can_be_judged_is_told(drawn, tmp_path):
    for path in (drawn / "images").iterdir():
        path.write_bytes(b"no picture")
    with pytest.raises(DatasetError, match="No picture could be judged"):
        run(drawn, tmp_path / "out", ["threshold"])


def test_fewer_than_five_pictures_are_never_called_better(drawn, tmp_path):
    for path in [*(drawn / "images").glob("p[45]*"), *(drawn / "masks").glob("p[45]*")]:
        path.unlink()
    found = run(drawn, tmp_path / "out", ["threshold", "threshold:min_area=2000"])
    assert {one.says for one in found.differences} == {"too few pictures"}
    assert "No intervals" in (tmp_path / "out" / "compare.html").read_text()


def test_pixels_are_judged_within_the_field_of_view(drawn, tmp_path):
    (drawn / "fov").mkdir()
    for k in range(6):
        view = np.zeros((96, 96), np.uint8)
        view[:, :48] = 255
        write_png(drawn / "fov" / f"p{k}.png", view)
    inside = run(drawn, tmp_path / "a", ["threshold"], task="pixels", fov=drawn / "fov")
    whole = run(drawn, tmp_path / "b", ["threshold"], task="pixels")
    base = inside.evaluations["baseline"]
    assert base.scores["sensitivity"].value == 1
    assert base.scores["specificity"].value == 0
    assert scores_of(inside, "dice") != scores_of(whole, "dice")
    assert "auc_roc" in inside.evaluations["threshold"].scores


@pytest.mark.slow
def test_several_processes_find_the_same(drawn, tmp_path):
    one = run(drawn, tmp_path / "one", METHODS[:1])
    two = run(drawn, tmp_path / "two", METHODS[:1], jobs=2)
    assert scores_of(one) == scores_of(two)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"task": "counts"}, "objects or pixels"),
        ({"thin": True}, "--task pixels"),
        ({"folds": 1}, "at least 2 folds"),
        ({"score": "dice"}, "ordered by one of"),
        ({"task": "pixels", "score": "cldice"}, "ordered by one of"),
    ],
)
def test_options_that_are_not_possible_are_told(options, said):
    with pytest.raises(RecipeError, match=said):
        CompareOptions(**options)


def test_an_unknown_reference_is_told_before_the_work(drawn, tmp_path):
    with pytest.raises(RecipeError, match="--against"):
        run(drawn, tmp_path / "out", against="auto")
    assert not (tmp_path / "out").exists()


def test_a_column_needs_a_table(drawn, tmp_path):
    with pytest.raises(RecipeError, match="--groups"):
        run(drawn, tmp_path / "out", by="class")
