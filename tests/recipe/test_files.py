import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import RecipeError
from segmetry.recipe import (
    Recipe,
    changed,
    read_recipe,
    read_recipe_text,
    recipe_text,
    with_paths,
)
from segmetry.recipe.model import (
    Banner,
    Input,
    Measurement,
    Segmentation,
    Statistics,
    Thin,
)

names = st.text(st.characters(codec="utf-8", categories=["L", "N", "S"]), min_size=1)


def written(tmp_path, text):
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return path


@given(
    st.builds(
        Recipe,
        segmentation=st.builds(
            Segmentation,
            name=names,
            options=st.dictionaries(names, st.integers() | st.booleans() | names),
        ),
        banner=st.builds(Banner, exclude=st.sampled_from(["auto", "none", "12", "3:70"])),
        measurement=st.builds(Measurement, perimeters=st.just(("crofton",))),
        thin=st.builds(
            Thin,
            enabled=st.booleans(),
            prune=st.floats(0, 9),
            grey=st.sampled_from(["none", "luma", "red", "green", "blue"]),
        ),
        statistics=st.builds(Statistics, target=st.floats(0.001, 0.9)),
        inputs=st.tuples(st.builds(Input, path=names, sha256=names)),
    )
)
def test_what_is_written_is_read_back(tmp_path_factory, recipe):
    path = written(tmp_path_factory.mktemp("recipe"), recipe_text(recipe))
    assert read_recipe(path) == recipe


def test_an_empty_recipe_is_the_default_one(tmp_path):
    assert read_recipe(written(tmp_path, "")) == Recipe()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format = 2", "has recipe format 2"),
        ("format = [", "is not a recipe"),
        ("[banner]\nexclud = 'auto'", "Did you mean 'exclude'"),
        ("[baner]\nexclude = 'auto'", "Did you mean 'banner'"),
        ("[reading]\nqqqqqq = 1", "Known: page"),
        ("[reading]\npage = -1", "reading.page is wrong"),
        ("[banner]\nexclude = 'all'", "got 'all'"),
        ("[statistics]\nedge_rule = 'guess'", "statistics.edge_rule is wrong"),
        ("[calibration]\nchoice = 'dpi'", "calibration.choice is wrong"),
        ("[thin]\nprune = -1", "thin.prune is wrong"),
        ("[thin]\ngrey = 'violet'", "thin.grey is wrong"),
        ("[thin]\nenable = true", "Did you mean 'enabled'"),
    ],
)
def test_a_wrong_recipe_is_told_in_one_sentence(tmp_path, text, said):
    with pytest.raises(RecipeError, match=said) as caught:
        read_recipe(written(tmp_path, text))
    assert "recipe.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_recipe_that_is_not_there_is_told(tmp_path):
    with pytest.raises(RecipeError, match="Cannot read the recipe none.toml"):
        read_recipe(tmp_path / "none.toml")


def test_bytes_that_are_no_text_are_told(tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecipeError, match="is not a recipe"):
        read_recipe(path)


def test_a_change_leaves_the_rest_alone():
    before = Recipe(segmentation=Segmentation(name="local", options={"min_area": 9}))
    after = changed(before, {"banner": {"exclude": "30"}, "segmentation": {"name": None}})
    assert after.banner.exclude == "30"
    assert after.segmentation == before.segmentation
    assert before.banner.exclude == "auto"


def test_another_segmenter_does_not_inherit_options():
    before = Recipe(segmentation=Segmentation(name="local", options={"window": 51}))
    assert (
        changed(before, {"segmentation": {"name": "threshold"}}).segmentation.options == {}
    )
    same = changed(before, {"segmentation": {"name": "local"}})
    assert same.segmentation.options == {"window": 51}


def test_an_option_leaves_the_other_options_alone():
    before = Recipe(segmentation=Segmentation(name="threshold", options={"method": "li"}))
    after = changed(before, {"segmentation": {"options": {"min_area": "50"}}})
    assert after.segmentation.options == {"method": "li", "min_area": "50"}


def test_a_recipe_saved_by_a_windows_editor_is_read(tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text("format = 1", encoding="utf-8-sig")
    assert read_recipe(path) == Recipe()


def test_a_wrong_change_is_told():
    with pytest.raises(RecipeError, match="statistics.target is wrong"):
        changed(Recipe(), {"statistics": {"target": 3.0}})


def test_the_path_of_a_model_is_changed_wherever_it_is_named():
    named = Recipe(segmentation=Segmentation(name="a.segmodel", options={"flips": True}))
    option = Recipe(
        segmentation=Segmentation(name="network", options={"model": "a.segmodel"})
    )
    assert with_paths(named, str.upper).segmentation.name == "A.SEGMODEL"
    assert with_paths(named, str.upper).segmentation.options == {"flips": True}
    assert with_paths(option, str.upper).segmentation.options["model"] == "A.SEGMODEL"


@pytest.mark.parametrize("name", ["threshold", "nuclei", "network"])
def test_a_recipe_that_names_no_model_file_stays_as_it_is(name):
    recipe = Recipe(segmentation=Segmentation(name=name, options={"model": "nuclei"}))
    assert with_paths(recipe, str.upper) == recipe


def test_masks_of_the_field_of_view_get_another_path_too():
    for choice, place in (("a.png", "A.PNG"), ("auto", "auto"), ("none", "none")):
        recipe = Recipe(area={"field_of_view": choice})
        assert with_paths(recipe, str.upper).area.field_of_view == place


def test_a_text_that_is_no_recipe_is_told_without_a_file():
    with pytest.raises(RecipeError, match="The text is not a recipe"):
        read_recipe_text("a = [")
