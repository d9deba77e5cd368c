import json

import numpy as np
import pandas as pd
import pytest

from segmetry.errors import DatasetError, RecipeError
from segmetry.io import read, write_png
from segmetry.recipe import read_recipe, run
from segmetry.tune import TuneOptions, tune
from segmetry.tune.files import trials_table


def tuned(folder, out, method="threshold", **options):
    options = {"trials": 8, "patience": 8, "folds": 3, **options}
    options = TuneOptions(**options)
    return tune(folder / "images", folder / "masks", method, out, options=options)


def same(one, other):
    first, second = trials_table(one), trials_table(other)
    pd.testing.assert_frame_equal(first, second)
    return one.as_json() == other.as_json()


@pytest.fixture
def speckled(tmp_path, draw_set):
    """Bright discs among specks, which the default smallest area lets pass."""
    folder = draw_set(tmp_path / "speckled")
    for path in sorted((folder / "images").iterdir()):
        rng = np.random.default_rng(len(path.name))
        pixels = np.array(read(path).pixels)
        for y, x in rng.integers(0, 90, (25, 2)):
            if pixels[y : y + 5, x : x + 5].mean() < 70:
                pixels[y : y + 5, x : x + 5] = 190
        write_png(path, pixels)
    return folder


def test_tuning_that_helps_is_told_and_its_recipe_finds_more(speckled, tmp_path):
    settled = {"edges": "cutoff", "fill_holes": "yes", "separate": "yes"}
    found = tuned(speckled, tmp_path / "out", trials=20, settled=settled)
    assert found.difference.value > 0.1
    assert found.difference.says == "better"
    assert "it helps" in found.sentence
    recipe = read_recipe(tmp_path / "out" / "tuned.toml")
    assert recipe.segmentation.name == "threshold"
    assert recipe.segmentation.options["edges"] == "cutoff"
    picture = read(speckled / "images" / "p0.png")
    default = recipe.model_copy(
        update={"segmentation": type(recipe.segmentation)(name="threshold")}
    )
    assert len(run(recipe, picture).objects) < len(run(default, picture).objects)
    values = json.loads((tmp_path / "out" / "tune.json").read_text())
    assert values["recommended"] == "tuned"
    assert values["helps"] is True
    trials = pd.read_csv(tmp_path / "out" / "trials.csv")
    assert trials.groupby("search")["is_best"].sum().eq(1).all()
    page = (tmp_path / "out" / "tune.html").read_text()
    assert "it helps" in page
    assert "min_area" in page


def test_a_search_that_finds_only_luck_is_told_not_to_help(tmp_path, draw_set, spies):
    del spies
    folder = draw_set(tmp_path / "set", n=8)
    found = tuned(folder, tmp_path / "out", "lucky", trials=24, patience=24, folds=3)
    own = found.search.best.mean - found.search.tried[0].mean
    assert own > 0.2  # on the pictures that chose, it looks like a success
    assert found.gain < own
    assert found.optimism > 0.1
    assert found.difference.says != "better"
    if not found.helps:
        assert dict(found.recommended) == dict(found.defaults)
        recipe = read_recipe(tmp_path / "out" / "tuned.toml")
        assert recipe.segmentation.options == {}


def test_no_search_sees_the_pictures_that_judge_it(drawn, tmp_path, spies):
    found = tuned(drawn, tmp_path / "out", "lucky")
    for fold in found.outer:
        for tried in fold.search.tried:
            assert not set(tried.pictures) & set(fold.held_out)
    judged = [name for fold in found.outer for name in fold.held_out]
    assert sorted(judged) == [f"p{k}" for k in range(6)]
    assert set(found.tuned_scores) == set(judged)
    del spies


def test_one_that_learns_by_heart_scores_nothing(drawn, tmp_path, spies):
    settled = {"min_area": "1", "min_share": "0", "waist": "1"}
    found = tuned(drawn, tmp_path / "out", "memory", trials=2, settled=settled)
    assert set(found.tuned_scores.values()) == {0.0}
    assert {one.mean for _, each in found.searches() for one in each.tried} == {0.0}
    assert spies.Memory.lessons[-1] == tuple(f"p{k}.png" for k in range(6))
    assert (tmp_path / "out" / "tuned.segmodel").read_bytes() == b"by heart"


def test_a_method_that_learns_gets_a_model_beside_its_recipe(drawn, tmp_path):
    settled = {"trees": "5", "leaves": "8", "points": "200", "coarsest": "2"}
    found = tuned(drawn, tmp_path / "out", "boosted", trials=2, settled=settled)
    assert found.model == "tuned.segmodel"
    recipe = read_recipe(tmp_path / "out" / "tuned.toml")
    assert recipe.segmentation.options["model"] == "tuned.segmodel"
    assert (tmp_path / "out" / "tuned.segmodel").stat().st_size > 100


def test_a_stopped_tuning_goes_on_as_if_it_had_not_been(
    drawn, tmp_path, spies, monkeypatch
):
    whole = tuned(drawn, tmp_path / "whole", "lucky")
    maps, left = spies.Lucky.maps, [25]

    def stopping(self, image):
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return maps(self, image)

    with monkeypatch.context() as patched:
        patched.setattr(spies.Lucky, "maps", stopping)
        with pytest.raises(KeyboardInterrupt):
            tuned(drawn, tmp_path / "half", "lucky")
    again = tuned(drawn, tmp_path / "half", "lucky", resume=True)
    assert same(again, whole)


def test_a_finished_tuning_is_not_done_again(drawn, tmp_path, spies):
    one = tuned(drawn, tmp_path / "out", "lucky")
    spies.Lucky.calls.clear()
    assert same(tuned(drawn, tmp_path / "out", "lucky", resume=True), one)
    assert len(spies.Lucky.calls) <= 2 * 6  # held-out pictures alone are judged again


def test_another_tuning_is_not_gone_on_with(drawn, tmp_path):
    tuned(drawn, tmp_path / "out", trials=1)
    with pytest.raises(RecipeError, match="already holds results"):
        tuned(drawn, tmp_path / "out", trials=1)
    with pytest.raises(RecipeError, match="of other pictures, masks or options"):
        tuned(drawn, tmp_path / "out", trials=1, seed=5, resume=True)
    tuned(drawn, tmp_path / "out", trials=1, seed=5, overwrite=True)


def test_what_is_fixed_stays(drawn, tmp_path):
    found = tuned(drawn, tmp_path / "out", settled={"method": "li", "min_area": "9"})
    assert "method" not in found.defaults
    recipe = read_recipe(tmp_path / "out" / "tuned.toml")
    assert recipe.segmentation.options["method"] == "li"
    assert recipe.segmentation.options["min_area"] == 9


def test_values_that_break_a_method_are_told_in_the_table(drawn, tmp_path, spies):
    found = tuned(drawn, tmp_path / "out", "picky", trials=4)
    trials = pd.read_csv(tmp_path / "out" / "trials.csv")
    assert set(trials["state"]) == {"done", "failed"}
    assert trials["reason"].dropna().unique().tolist() == ["only 1 will do"]
    assert found.difference.says == "the same"
    assert "does not help" in found.sentence
    del spies


def test_groups_are_held_out_whole(drawn, tmp_path, spies):
    sheet = tmp_path / "sheet.csv"
    rows = [f"p{k}.png,f{k % 3}" for k in range(6)]
    sheet.write_text("\n".join(["image,group", *rows]))
    found = tuned(drawn, tmp_path / "out", "lucky", trials=2, groups=sheet)
    for fold in found.outer:
        fields = {int(name[1]) % 3 for name in fold.held_out}
        assert len(fold.held_out) == 2 * len(fields)
    assert found.difference.says == "too few pictures"
    assert "too few pictures to say" in found.sentence or not found.helps
    del spies


def test_a_picture_that_cannot_be_read_is_left_out_and_told(drawn, tmp_path):
    (drawn / "images" / "p1.png").write_bytes(b"no picture")
    found = tuned(drawn, tmp_path / "out", trials=1)
    assert found.left_out
    assert "p1" not in found.tuned_scores


def test_one_picture_is_too_few(tmp_path, draw_set):
    with pytest.raises(DatasetError, match="hang together"):
        tuned(draw_set(tmp_path / "one", n=1), tmp_path / "out")
    folder = draw_set(tmp_path / "none", n=2)
    for path in (folder / "images").iterdir():
        path.write_bytes(b"")
    with pytest.raises(DatasetError, match="No picture can be used"):
        tuned(folder, tmp_path / "out")


def test_errors_may_be_made_small(drawn, tmp_path):
    found = tuned(drawn, tmp_path / "out", score="count_mae")
    assert found.sign == -1
    assert found.told_mean(found.search.best) <= found.told_mean(found.search.tried[0])


@pytest.mark.slow
def test_lines_stay_whole(drawn, tmp_path):
    found = tuned(drawn, tmp_path / "out", task="pixels", thin=True, score="cldice")
    assert not {"separate", "fill_holes"} & set(found.defaults)
    assert read_recipe(tmp_path / "out" / "tuned.toml").thin.enabled


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"task": "counts"}, "objects or pixels"),
        ({"thin": True}, "--task pixels"),
        ({"trials": 0}, "at least 1"),
        ({"folds": 1}, "at least 2"),
        ({"score": "dice"}, "ordered by one of"),
    ],
)
def test_options_that_are_not_possible_are_told(options, said):
    with pytest.raises(RecipeError, match=said):
        TuneOptions(**options)


def test_methods_that_are_not_there_are_told(drawn, tmp_path):
    with pytest.raises(RecipeError, match="no segmenter 'otsu'"):
        tuned(drawn, tmp_path / "out", "otsu")
