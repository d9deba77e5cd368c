import json

import pytest

from segmetry.cli.chosen import CHOSEN, choose, read_choice
from segmetry.errors import ReadError, RecipeError, WriteError

NAMES = [f"slice {k:02d}" for k in range(20)]


def test_a_choice_is_kept_with_its_seed(tmp_path):
    choice = choose(tmp_path, NAMES, 6, seed=3)
    assert len(set(choice.pictures)) == 6
    assert read_choice(tmp_path) == choice
    told = json.loads((tmp_path / CHOSEN).read_text(encoding="utf-8"))
    assert told["choices"] == [
        {"seed": 3, "n_pictures": 20, "pictures": list(choice.pictures)}
    ]


def test_nobody_chose_yet(tmp_path):
    assert read_choice(tmp_path) is None


def test_choosing_again_gives_the_same_pictures(tmp_path):
    assert choose(tmp_path, NAMES, 6) == choose(tmp_path, NAMES, 6)


def test_choosing_more_keeps_those_that_were_chosen(tmp_path):
    six = choose(tmp_path, NAMES, 6, seed=5)
    eleven = choose(tmp_path, NAMES, 11)
    assert eleven.seed == 5
    assert set(six.pictures) < set(eleven.pictures)
    assert eleven.n_earlier == 0


@pytest.mark.parametrize(("n", "seed"), [(6, 1), (5, 0)])
def test_another_choice_is_refused(tmp_path, n, seed):
    choose(tmp_path, NAMES, 6)
    with pytest.raises(RecipeError, match="chosen already with seed 0"):
        choose(tmp_path, NAMES, n, seed=seed)


def test_choosing_anew_leaves_the_first_choice_on_record(tmp_path):
    choose(tmp_path, NAMES, 6)
    choice = choose(tmp_path, NAMES, 6, seed=1, overwrite=True)
    assert choice.n_earlier == 1
    assert read_choice(tmp_path) == choice
    told = json.loads((tmp_path / CHOSEN).read_text(encoding="utf-8"))
    assert [one["seed"] for one in told["choices"]] == [0, 1]


@pytest.mark.parametrize("n", [0, 21])
def test_more_pictures_than_there_are_cannot_be_chosen(tmp_path, n):
    with pytest.raises(RecipeError, match="--choose takes 1 to 20"):
        choose(tmp_path, NAMES, n)
    assert not (tmp_path / CHOSEN).exists()


@pytest.mark.parametrize("text", ["", "[]", '{"choices": [{"seed": 1}]}', '{"choices": 3}'])
def test_a_damaged_record_is_not_taken_for_none(tmp_path, text):
    (tmp_path / CHOSEN).write_text(text, encoding="utf-8")
    with pytest.raises(ReadError, match="damaged"):
        read_choice(tmp_path)


def test_a_choice_that_cannot_be_kept_is_not_made(tmp_path):
    with pytest.raises(WriteError):
        choose(tmp_path / "gone", NAMES, 3)
