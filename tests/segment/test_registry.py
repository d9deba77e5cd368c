from importlib.metadata import EntryPoint

import numpy as np
import pytest

from segmetry import segment
from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.segment.options import check
from segmetry.segment.threshold import Threshold

# Those that run a network need a model; tests/models/test_segmenter.py brings one.
CLASSICAL = ("auto", "threshold", "local")


@pytest.mark.parametrize("name", CLASSICAL)
def test_every_name_gives_a_segmenter_of_that_name(name):
    assert segment.segmenter(name).name == name
    assert name in segment.segmenter_names()


@pytest.mark.parametrize("name", list(segment.SEGMENTERS))
def test_every_default_is_within_the_limits_of_its_option(name):
    for option in segment.segmenter_options(name):
        check(option, option.default)


def test_options_may_be_values_or_text():
    by_text = segment.segmenter("threshold", min_area="20", separate="no", method="li")
    assert by_text == Threshold(min_area=20, separate=False, method="li")


@pytest.mark.parametrize("name", CLASSICAL)
def test_every_option_has_a_default_within_its_limits(name):
    defaults = {option.name: option.default for option in segment.segmenter_options(name)}
    assert segment.segmenter(name, **defaults) == segment.segmenter(name)


@pytest.mark.parametrize("name", CLASSICAL)
def test_every_segmenter_finds_discs_in_a_picture(name, discs):
    labels = segment.segmenter(name)(Image(discs([10, 12, 14, 16])))
    assert labels.ids.tolist() == [1, 2, 3, 4]
    assert labels.data.dtype == np.uint32


def test_an_unknown_name_is_refused_with_a_suggestion():
    with pytest.raises(
        RecipeError, match="no segmenter 'treshold'; did you mean 'threshold'"
    ):
        segment.segmenter("treshold")


def test_an_unknown_option_is_refused_with_a_suggestion():
    with pytest.raises(RecipeError, match="no option 'min_size'.*Known are: min_area"):
        segment.segmenter("local", min_size=3)
    with pytest.raises(RecipeError, match="did you mean 'min_area'"):
        segment.segmenter("local", min_aera=3)


def test_a_plug_in_is_found_by_its_entry_point(monkeypatch):
    entry = EntryPoint(
        "mine", "segmetry.segment.threshold:Threshold", "segmetry.segmenters"
    )

    def installed(*, group, name=None):
        return [entry] if group == entry.group and name in (None, entry.name) else []

    monkeypatch.setattr(segment, "entry_points", installed)
    assert segment.segmenter("mine") == Threshold()
    assert segment.segmenter_names()[-1] == "mine"


def test_the_registry_imports_no_method_before_it_is_used(loaded_by):
    loaded = loaded_by("import segmetry.segment")
    assert {"cv2", "numba", "skimage", "scipy"}.isdisjoint(loaded)


@pytest.mark.parametrize("name", list(segment.SEGMENTERS))
def test_every_segmenter_says_in_one_sentence_what_it_does(name):
    said = segment.segmenter_sentence(name)
    assert said.endswith(".")
    assert said.count(". ") == 0
    assert "\n" not in said
    assert len(said) > 20


@pytest.mark.parametrize(
    "ask", [segment.segmenter, segment.segmenter_options, segment.segmenter_sentence]
)
def test_nothing_is_told_of_a_name_that_is_not_known(ask):
    with pytest.raises(RecipeError, match="there is no segmenter 'nobody'"):
        ask("nobody")
