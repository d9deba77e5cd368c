import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.compare.methods import (
    BASELINE,
    Everything,
    baseline,
    find_methods,
    learns,
    parse_method,
)
from segmetry.errors import ReadError, RecipeError
from segmetry.image import Image
from segmetry.segment import segmenter


def test_options_follow_the_name_after_colons():
    found = parse_method("threshold:min_area=30:method=li").segmenter()
    assert (found.name, found.min_area, found.method) == ("threshold", 30, "li")


def test_a_path_with_a_drive_letter_stays_whole():
    with pytest.raises(Exception, match=r"C:\\cells\.segmodel"):
        parse_method(r"C:\cells.segmodel:diameter=20").segmenter().files()


@given(st.permutations(["auto", "threshold:method=li", "local:window=31", "kmeans"]))
def test_names_may_be_joined_or_repeated(names):
    joined = find_methods([",".join(names)])
    assert joined == find_methods(names)
    assert [one.label for one in joined] == names


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "No method is named"),
        (["auto", "auto"], "named twice"),
        (["otsu"], "no segmenter 'otsu'"),
        (["threshold:min_aera=3"], "did you mean 'min_area'"),
        (["threshold:min_area="], "has no value"),
    ],
)
def test_what_cannot_be_compared_is_told(names, said):
    with pytest.raises(RecipeError, match=said):
        find_methods(names)


def test_a_recipe_is_called_by_its_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        '[segmentation]\nname = "threshold"\n[segmentation.options]\nmin_area = 9\n'
    )
    (found,) = find_methods([], [path])
    assert (found.label, found.segmenter().min_area) == ("mine", 9)


def test_a_recipe_may_not_take_the_baselines_name(tmp_path):
    path = tmp_path / f"{BASELINE}.toml"
    path.write_text("format = 1\n")
    with pytest.raises(RecipeError, match="rename"):
        find_methods([], [path])


def test_lines_stay_whole_unless_an_option_says_otherwise():
    whole = parse_method("threshold:fill_holes=yes", whole=True).segmenter()
    assert (whole.separate, whole.fill_holes) == (False, True)


def test_the_baseline_of_pixels_is_all_of_the_picture_but_what_is_excluded():
    excluded = np.zeros((8, 8), bool)
    excluded[:2] = True
    one = baseline("pixels").segmenter()
    assert isinstance(one, Everything)
    found = one(Image(np.arange(64, dtype=np.uint8).reshape(8, 8), excluded=excluded))
    assert np.array_equal(found.data > 0, ~excluded)
    assert baseline("pixels").name == "everything"
    assert baseline("objects").segmenter() == segmenter("threshold")


def test_a_segmenter_learns_if_it_can_and_has_not_yet(spies):
    assert learns(spies()) is True
    assert learns(spies(model="a.segmodel")) is False
    assert learns(segmenter("threshold")) is False


def test_a_recipe_that_is_not_there_is_told(tmp_path):
    with pytest.raises((RecipeError, ReadError), match="gone"):
        find_methods([], [tmp_path / "gone.toml"])
