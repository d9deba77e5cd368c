import pytest

from segmetry.errors import RecipeError
from segmetry.segment import segmenter, segmenter_names, segmenter_options


def test_every_method_is_listed_with_a_sentence(client):
    listed = client.get("/api/v1/segmenters").json()
    given = [one["name"] for one in listed if not one["name"].endswith(".segmodel")]
    assert given == list(segmenter_names())
    assert all(one["description"].endswith(".") for one in listed)
    assert listed[0]["title"] == "Auto"


def test_the_form_has_the_options_of_the_command_line(client):
    for listed in client.get("/api/v1/segmenters").json():
        if listed["name"].endswith(".segmodel"):
            continue  # a model that somebody added, with the options of its kind
        properties = listed["options"]["properties"]
        known = {option.name: option for option in segmenter_options(listed["name"])}
        assert list(properties) == list(known)
        for name, described in properties.items():
            assert described["default"] == known[name].default
            assert described["description"] == known[name].help
            assert described.get("enum", []) == list(known[name].choices)


def test_the_limits_of_the_form_are_those_that_a_method_holds(client):
    (form,) = [
        one["options"]["properties"]
        for one in client.get("/api/v1/segmenters").json()
        if one["name"] == "threshold"
    ]
    assert segmenter("threshold", min_area=form["min_area"]["minimum"]).min_area == 1
    with pytest.raises(RecipeError):
        segmenter("threshold", min_area=form["min_area"]["minimum"] - 1)
    assert (form["waist"]["minimum"], form["waist"]["maximum"]) == (0, 1)


def test_methods_that_pick_a_channel_say_so(client):
    listed = client.get("/api/v1/segmenters").json()
    picking = {one["name"] for one in listed if one["picks_channel"]}
    assert picking == {"ridge", "neurons"}
