"""Regions from files beside the pictures to the tables of a run."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image as PillowImage

from segmetry.archive import verify
from segmetry.batch import BatchOptions, run_batch
from segmetry.errors import RecipeError
from segmetry.io import REGION_COLUMNS
from segmetry.io.regions import write_regions
from segmetry.recipe import Recipe, read_recipe
from segmetry.recipe.model import Input
from segmetry.region import Region

DIAMETER = 12
CELLS = Recipe(
    segmentation={"name": "threshold", "options": {"polarity": "bright"}},
    calibration={"pixel_size": "500 nm", "scale_bar": False},
    banner={"exclude": "none"},
    statistics={"resamples": 200},
)


def box(name, x, y, width, height):
    corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
    return Region(name, (np.array(corners, dtype=float),))


LEFT, RIGHT = box("left", 0, 0, 120, 160), box("right", 120, 0, 120, 160)
EMPTY = box("empty", 100, 0, 30, 20)


def slice_with(n_left, n_right, shape=(160, 240)):
    """Draw discs on a lattice of 30 px, so many in each half of the picture."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    picture = np.full(shape, 40, np.uint8)
    for half, n in enumerate((n_left, n_right)):
        for k in range(n):
            row, column = 35 + 30 * (k // 3), 120 * half + 25 + 30 * (k % 3)
            picture[np.hypot(y - row, x - column) < DIAMETER / 2] = 200
    return picture


def with_regions(path, *, recipe=CELLS, **choices):
    part = recipe.regions.model_copy(
        update={"path": str(path) if path else None, **choices}
    )
    return recipe.model_copy(update={"regions": part})


@pytest.fixture
def slices(tmp_path):
    return drawn(tmp_path)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Return a run with regions, animals and groups that tests only look at."""
    slices = drawn(tmp_path_factory.mktemp("done"))
    recipe = sheet(with_regions(slices / "regions"), slices / "sheet.csv")
    return run_batch(recipe, [slices / "*.png"], slices / "out")


def drawn(tmp_path):
    """Draw three slices, with regions in files of every kind; only the first has all."""
    for name, counts in (("s1", (4, 7)), ("s2", (9, 2)), ("s3", (1, 5))):
        PillowImage.fromarray(slice_with(*counts)).save(tmp_path / f"{name}.png")
    folder = tmp_path / "regions"
    folder.mkdir()
    write_regions(folder / "s1.geojson", [LEFT, RIGHT, EMPTY])
    write_regions(folder / "s2_RoiSet.zip", [LEFT, RIGHT])
    write_regions(folder / "s3.roi", [RIGHT])
    (tmp_path / "sheet.csv").write_text(
        "image,animal,group\ns1.png,m1,WT\ns2.png,m1,WT\ns3.png,m2,KO\n"
    )
    return tmp_path


def sheet(recipe, path):
    return recipe.model_copy(update={"sheet": Input(path=str(path))})


def schema_of(out):
    return json.loads((out / "schema.json").read_text())


def counts(table):
    return table.set_index(["image", "region"])["n_objects"].to_dict()


EXPECTED = {
    ("s1", "left"): 4,
    ("s1", "right"): 7,
    ("s1", "empty"): 0,
    ("s2", "left"): 9,
    ("s2", "right"): 2,
    ("s3", "right"): 5,
}


def test_a_folder_of_files_named_like_the_pictures_gives_a_row_per_picture_and_region(
    slices,
):
    result = run_batch(with_regions(slices / "regions"), [slices / "*.png"], slices / "out")
    table = pd.read_csv(slices / "out" / "regions.csv")
    assert counts(table) == EXPECTED
    assert result.regions.shape == table.shape
    left = table.iloc[0]
    assert left["area_mm2"] == pytest.approx(120 * 160 * 0.25e-6)
    assert left["density_per_mm2"] == pytest.approx(4 / left["area_mm2"])
    assert left["mean_equivalent_diameter_um"] == pytest.approx(DIAMETER / 2, rel=0.08)


def test_objects_tell_their_region_and_sum_to_the_table(done):
    objects = pd.read_csv(done.out / "objects.csv")
    assert objects.columns[:3].tolist() == ["image", "label", "region"]
    told = objects.groupby(["image", "region"]).size().to_dict()
    assert told == {key: n for key, n in EXPECTED.items() if n}
    # The only object of the left half of s3 lies in no region.
    assert objects["region"].isna().sum() == 1


def test_animals_have_the_sums_of_their_pictures(done):
    animals = pd.read_csv(done.out / "animals.csv")
    told = animals.set_index(["animal", "region"])["n_objects"].to_dict()
    assert told == {
        ("m1", "left"): 13,
        ("m1", "right"): 9,
        ("m1", "empty"): 0,
        ("m2", "right"): 5,
    }
    assert animals["group"].tolist() == ["WT", "WT", "WT", "KO"]
    assert done.regions["group"].tolist() == ["WT"] * 5 + ["KO"]
    rows = json.loads((done.out / "summary.json").read_text())["regions"]["rows"]
    assert {(row["group"], row["region"]) for row in rows} == {
        *(("group=WT", "left"), ("group=WT", "right"), ("group=WT", "empty")),
        ("group=KO", "right"),
    }


def test_warnings_tell_of_absent_regions_and_of_pictures_without_any(slices):
    (slices / "regions" / "s3.roi").unlink()
    result = run_batch(with_regions(slices / "regions"), [slices / "*.png"], slices / "out")
    told = result.summary["warnings"]
    assert "There are no regions for 1 picture (s3)." in told
    assert any(
        "has empty: where a region was not drawn it is missing" in one for one in told
    )
    assert set(result.regions["image"]) == {"s1", "s2"}
    assert (result.objects.set_index("image").loc["s3", "region"] == "").all()


def test_whole_pictures_have_a_density_too_by_the_edge_rule_of_the_run(done):
    images = pd.read_csv(done.out / "images.csv")
    box = done.objects["bbox_x_max_px"] - done.objects["bbox_x_min_px"]
    assert set(box) == {box[0]}  # all discs are alike, and none is cut
    places = (160 - box[0]) * (240 - box[0]) * 0.25e-6  # where one lies whole
    assert images["density_per_mm2"].tolist() == pytest.approx(
        [11 / places, 11 / places, 6 / places]
    )
    assert images["mean_equivalent_diameter_um"].to_numpy() == pytest.approx(6, rel=0.08)
    told = {one["name"]: one for one in schema_of(done.out)["images.csv"]["fields"]}
    assert "edge rule of the statistics" in told["density_per_mm2"]["description"]


def test_objects_that_the_edge_cuts_are_no_part_of_a_density_whose_rule_drops_them(slices):
    cut = slice_with(4, 0)
    cut[60:70, :8] = 200
    PillowImage.fromarray(cut).save(slices / "s1.png")
    rule = {"edge_rule": "drop", "resamples": 200}
    recipe = Recipe.model_validate(CELLS.model_dump() | {"statistics": rule})
    recipe = with_regions(slices / "regions", recipe=recipe)
    row = run_batch(recipe, [slices / "s1.png"], slices / "out").images.iloc[0]
    assert row["n_objects"] == 5
    assert row["density_per_mm2"] == pytest.approx(4 / (160 * 240 * 0.25e-6))
    assert row["mean_equivalent_diameter_um"] == pytest.approx(6, rel=0.08)


def test_animals_of_one_number_in_two_groups_are_two_as_they_are_written(slices):
    (slices / "sheet.csv").write_text(
        "image,animal,group\ns1.png,01,WT\ns2.png,01,WT\ns3.png,01,KO\n"
    )
    recipe = sheet(with_regions(slices / "regions"), slices / "sheet.csv")
    result = run_batch(recipe, [slices / "*.png"], slices / "out")
    animals = pd.read_csv(slices / "out" / "animals.csv", dtype=str)
    assert animals["animal"].tolist() == ["01"] * 4
    assert animals["group"].tolist() == ["WT", "WT", "WT", "KO"]
    assert animals["n_objects"].tolist() == ["13", "9", "0", "5"]
    assert any("Animals of one name" in one for one in result.summary["warnings"])


def test_the_uncertainty_of_the_pixel_size_is_in_the_intervals_twice(tmp_path):
    (tmp_path / "regions").mkdir()
    for k in range(6):  # all alike: nothing else makes their densities uncertain
        PillowImage.fromarray(slice_with(4, 7)).save(tmp_path / f"s{k}.png")
        write_regions(tmp_path / "regions" / f"s{k}.geojson", [LEFT])
    size = {"pixel_size": "5 um / 10 px", "scale_bar": False}
    recipe = Recipe.model_validate(CELLS.model_dump() | {"calibration": size})
    recipe = with_regions(tmp_path / "regions", recipe=recipe)
    result = run_batch(recipe, [tmp_path / "*.png"], tmp_path / "out")
    share = result.images["calibration_uncertainty"][0]
    density = result.summary["regions"]["rows"][0]["density"]
    assert share > 0
    half = np.log(density["high"] / density["low"]) / 2
    assert half == pytest.approx(1.959964 * 2 * share, rel=1e-3)


def test_the_recipe_of_the_run_repeats_it(slices):
    first = run_batch(with_regions(slices / "regions"), [slices / "*.png"], slices / "out")
    recipe = read_recipe(slices / "out" / "recipe.toml")
    assert recipe.regions.path == "../regions"
    again = run_batch(recipe, [], slices / "again", folder=slices / "out")
    pd.testing.assert_frame_equal(first.regions, again.regions)
    kept = json.loads((slices / "out" / "manifest.json").read_text())["inputs"]
    assert {"s1.geojson", "s2_RoiSet.zip", "s3.roi"} <= {one["path"] for one in kept}
    assert verify(slices / "out").findings == ()


@pytest.mark.slow
def test_processes_give_the_same_tables(slices):
    for jobs in (1, 2):
        options = BatchOptions(jobs=jobs)
        recipe = sheet(with_regions(slices / "regions"), slices / "sheet.csv")
        run_batch(recipe, [slices / "*.png"], slices / f"out{jobs}", options=options)
    for name in ("regions.csv", "animals.csv", "objects.csv"):
        assert (slices / "out1" / name).read_bytes() == (
            slices / "out2" / name
        ).read_bytes()


def test_a_run_that_goes_on_keeps_what_regions_did_not_change(slices):
    recipe = with_regions(slices / "regions")
    out = slices / "out"
    run_batch(recipe, [slices / "*.png"], out)
    made = {
        path.parent.name: path.stat().st_mtime_ns for path in out.glob("*/picture.json")
    }
    write_regions(slices / "regions" / "s1.geojson", [LEFT, RIGHT])
    result = run_batch(recipe, [slices / "*.png"], out, options=BatchOptions(resume=True))
    again = {
        path.parent.name: path.stat().st_mtime_ns for path in out.glob("*/picture.json")
    }
    assert {name for name, time in made.items() if again[name] != time} == {"s1"}
    expected = {key: n for key, n in EXPECTED.items() if key[1] != "empty"}
    assert counts(result.regions) == expected


def test_tables_of_an_earlier_run_go_where_there_are_no_regions(slices):
    run_batch(with_regions(slices / "regions"), [slices / "s1.png"], slices / "out")
    options = BatchOptions(overwrite=True)
    result = run_batch(CELLS, [slices / "s1.png"], slices / "out", options=options)
    assert not (slices / "out" / "regions.csv").exists()
    assert "region" not in result.objects
    assert "regions" not in result.summary


def test_a_sheet_may_name_the_file_of_each_picture(slices):
    (slices / "sheet.csv").write_text(
        "image,animal,regions\ns1,m1,regions/s1.geojson\ns2,m1,\ns3,m2,regions/s3.roi\n"
    )
    result = run_batch(
        sheet(CELLS, slices / "sheet.csv"), [slices / "*.png"], slices / "out"
    )
    assert counts(result.regions) == {
        key: n for key, n in EXPECTED.items() if key[0] != "s2"
    }
    assert "regions" not in result.images
    kept = json.loads((slices / "out" / "manifest.json").read_text())["inputs"]
    assert {"s1.geojson", "s3.roi"} <= {one["path"] for one in kept}
    recipe = read_recipe(slices / "out" / "recipe.toml")
    again = run_batch(recipe, [], slices / "again", folder=slices / "out")
    pd.testing.assert_frame_equal(result.regions, again.regions)


def test_a_sheet_may_say_which_region_a_whole_picture_shows(slices):
    (slices / "sheet.csv").write_text(
        "image,animal,region\ns1,m1,CA1\ns2,m1,CA3\ns3,m2,CA1\n"
    )
    result = run_batch(
        sheet(CELLS, slices / "sheet.csv"), [slices / "*.png"], slices / "out"
    )
    assert counts(result.regions) == {
        ("s1", "CA1"): 11,
        ("s2", "CA3"): 11,
        ("s3", "CA1"): 6,
    }
    assert result.regions["area_px"].tolist() == [160 * 240] * 3
    assert result.animals["n_objects"].tolist() == [11, 11, 6]


def test_excluded_rows_are_no_area_of_a_region(slices):
    banner = CELLS.model_copy(
        update={"banner": CELLS.banner.model_copy(update={"exclude": "40"})}
    )
    recipe = with_regions(slices / "regions", recipe=banner)
    result = run_batch(recipe, [slices / "s1.png"], slices / "out")
    areas = result.regions.set_index("region")["area_px"]
    assert areas["left"] == pytest.approx(120 * 120)
    assert areas["empty"] == pytest.approx(30 * 20)
    assert result.animals is None
    assert not (slices / "out" / "animals.csv").exists()


def test_regions_move_with_a_banner_that_is_cut_off_above(slices):
    cut = CELLS.banner.model_copy(update={"exclude": "0:20", "fill": "crop"})
    low = [box("left", 0, 20, 120, 140), box("right", 120, 20, 120, 140)]
    write_regions(slices / "regions" / "s1.geojson", low)
    recipe = with_regions(
        slices / "regions", recipe=CELLS.model_copy(update={"banner": cut})
    )
    result = run_batch(recipe, [slices / "s1.png"], slices / "out")
    assert result.regions["n_objects"].tolist() == [4, 7]
    assert result.regions["area_px"].tolist() == [120 * 140] * 2


def test_objects_in_overlapping_regions_count_in_each_and_it_is_said(slices):
    write_regions(slices / "s1.zip", [LEFT, box("all", 0, 0, 240, 160)])
    result = run_batch(with_regions(slices / "s1.zip"), [slices / "s1.png"], slices / "out")
    assert result.regions["n_objects"].tolist() == [4, 11]
    assert (result.objects["region"] == "left; all").sum() == 4
    assert any(
        "4 objects in overlapping regions count in each" in w
        for w in result.summary["warnings"]
    )


def test_frames_count_by_forbidden_lines(slices):
    # The lower side cuts the discs of the first row: with it they do not count.
    write_regions(slices / "s1.zip", [box("frame", 5, 5, 100, 30)])
    by_centre, by_lines = (
        run_batch(
            with_regions(slices / "s1.zip", counting_frames=frames),
            [slices / "s1.png"],
            slices / f"out{frames}",
        ).regions.iloc[0]
        for frames in (False, True)
    )
    assert (by_centre["rule"], by_lines["rule"]) == ("centroid", "counting frame")
    assert by_lines["n_objects"] == 0
    upper = [box("frame", 5, 35, 100, 60)]  # the same discs on its upper side
    write_regions(slices / "s1.zip", upper)
    recipe = with_regions(slices / "s1.zip", counting_frames=True)
    result = run_batch(recipe, [slices / "s1.png"], slices / "upper")
    assert result.regions["n_objects"].tolist() == [4]


def test_sections_are_corrected_with_the_mean_diameter_or_the_height_as_typed(slices):
    typed, measured = (
        run_batch(
            with_regions(
                slices / "regions", section_thickness="40 um", object_height=height
            ),
            [slices / "s1.png"],
            slices / f"out {height}",
        )
        for height in ("10 um", None)
    )
    assert typed.regions["n_objects_abercrombie"].tolist() == pytest.approx([3.2, 5.6, 0])
    assert typed.regions["n_objects"].tolist() == [4, 7, 0]
    mean = measured.objects["equivalent_diameter_um"].mean()
    share = 40 / (40 + mean)
    assert measured.regions["n_objects_abercrombie"][0] == pytest.approx(4 * share)
    section = measured.summary["regions"]["section"]
    assert (section["measured"], section["object_height_um"]) == (True, pytest.approx(mean))


def test_without_a_pixel_size_the_height_is_not_known_and_it_is_said(slices):
    size = {"choice": "none", "scale_bar": False}
    recipe = with_regions(
        slices / "regions",
        recipe=Recipe.model_validate(CELLS.model_dump() | {"calibration": size}),
        section_thickness="40 um",
    )
    result = run_batch(recipe, [slices / "s1.png"], slices / "out")
    assert "n_objects_abercrombie" not in result.regions
    assert result.regions["density_per_px2"][0] == pytest.approx(4 / (120 * 160))
    assert any("add --object-height" in one for one in result.summary["warnings"])


def test_every_column_is_explained(slices):
    recipe = sheet(
        with_regions(slices / "regions", section_thickness="40 um"), slices / "sheet.csv"
    )
    run_batch(recipe, [slices / "*.png"], slices / "out")
    schema = schema_of(slices / "out")
    for name in ("regions", "animals"):
        fields = {one["name"]: one for one in schema[f"{name}.csv"]["fields"]}
        assert list(fields) == pd.read_csv(slices / "out" / f"{name}.csv").columns.tolist()
        own = [one for one in fields if one not in {"animal", "group"}]
        assert set(own) <= set(REGION_COLUMNS[name])
        assert all(fields[one]["type"] != "any" for one in own)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{}", r"s1\.geojson is not GeoJSON of regions"),
        (b"Iout", r"s1\.geojson is no whole ROI"),
    ],
)
def test_a_bad_file_is_refused_before_any_work(slices, content, told):
    (slices / "regions" / "s1.geojson").write_bytes(content)
    with pytest.raises(RecipeError, match=told):
        run_batch(with_regions(slices / "regions"), [slices / "*.png"], slices / "out")
    assert not (slices / "out").exists()


def test_regions_of_another_picture_fail_that_picture_alone(slices):
    write_regions(slices / "regions" / "s1.geojson", [box("far", 0, 0, 999, 9)])
    result = run_batch(with_regions(slices / "regions"), [slices / "*.png"], slices / "out")
    assert result.images["status"].tolist() == ["failed", "done", "done"]
    assert "far reaches from (0, 0) to (999, 9)" in result.images["reason"][0]


def test_one_file_is_for_one_picture(slices):
    recipe = with_regions(slices / "regions" / "s1.geojson")
    with pytest.raises(
        RecipeError, match="holds the regions of one picture, but there are 3"
    ):
        run_batch(recipe, [slices / "*.png"], slices / "out")


def test_a_file_that_is_not_there_is_refused(slices):
    with pytest.raises(RecipeError, match="There are no regions at nowhere"):
        run_batch(with_regions(slices / "nowhere"), [slices / "*.png"], slices / "out")
    (slices / "sheet.csv").write_text("image,regions\ns1,no.roi\n")
    with pytest.raises(RecipeError, match=r"Cannot read no\.roi"):
        run_batch(sheet(CELLS, slices / "sheet.csv"), [slices / "s1.png"], slices / "out")


@pytest.mark.parametrize("column", ["region", "regions"])
def test_regions_are_named_in_one_way_only(slices, column):
    (slices / "sheet.csv").write_text(f"image,{column}\ns1,CA1\n")
    recipe = sheet(with_regions(slices / "regions"), slices / "sheet.csv")
    with pytest.raises(RecipeError, match=f"two ways, by --regions and by .*'{column}'"):
        run_batch(recipe, [slices / "s1.png"], slices / "out")


def test_all_pictures_may_lack_regions(slices):
    (slices / "none").mkdir()
    result = run_batch(with_regions(slices / "none"), [slices / "*.png"], slices / "out")
    assert result.regions is None
    assert any(
        "There are no regions for 3 pictures" in w for w in result.summary["warnings"]
    )


@pytest.mark.parametrize("column", ["rule", "area_mm2", "n_pictures", "density_per_mm2"])
def test_a_column_of_the_sheet_called_as_a_result_is_refused_before_any_work(
    slices, column
):
    (slices / "sheet.csv").write_text(f"image,{column}\ns1.png,3\ns2.png,4\ns3.png,5\n")
    recipe = sheet(with_regions(slices / "regions"), slices / "sheet.csv")
    with pytest.raises(RecipeError, match=f"{column}' has the name of a result"):
        run_batch(recipe, [slices / "*.png"], slices / "out")
    assert not (slices / "out" / "s1").exists()


def test_objects_outside_all_regions_are_told(done, slices):
    told = done.summary["regions"]
    assert (told["n_objects"], told["n_outside"]) == (28, 1)
    said = "1 of the 28 objects that pictures with regions have is in no region"
    assert any(said in one for one in done.summary["warnings"])
    (slices / "regions" / "s3.roi").unlink()
    recipe = with_regions(slices / "regions")
    other = run_batch(recipe, [slices / "*.png"], slices / "out").summary
    assert (other["regions"]["n_objects"], other["regions"]["n_outside"]) == (22, 0)
    assert not any("in no region" in one for one in other["warnings"])


def test_files_of_other_pictures_are_told_with_the_name_that_was_expected(slices):
    (slices / "regions" / "s3.roi").rename(slices / "regions" / "slice3.roi")
    result = run_batch(with_regions(slices / "regions"), [slices / "*.png"], slices / "out")
    said = (
        "slice3.roi in regions belongs to no picture: files of regions are called like "
        "their pictures, here s3.geojson (or .roi, or _RoiSet.zip)."
    )
    assert said in result.summary["warnings"]


def test_what_is_odd_is_told_before_the_work_begins(slices):
    (slices / "regions" / "s3.roi").rename(slices / "regions" / "slice3.roi")
    (slices / "sheet.csv").write_text("image,group\ns1.png,WT\ns2.png,WT\ns33.png,KO\n")
    recipe = sheet(with_regions(slices / "regions"), slices / "sheet.csv")
    out = run_batch(recipe, [slices / "*.png"], slices / "out").out
    log = (out / "run.log").read_text(encoding="utf-8")
    assert log.index("s33.png belongs to no picture; did you mean") < log.index("s1: 11")
    assert log.index("slice3.roi in regions") < log.index("s1: 11")
    assert log.count("slice3.roi in regions") == 1


def test_other_pictures_of_a_folder_of_regions_are_no_matter_where_all_have_theirs(slices):
    write_regions(slices / "regions" / "s9.geojson", [LEFT])
    result = run_batch(with_regions(slices / "regions"), [slices / "*.png"], slices / "out")
    assert not any("s9" in one for one in result.summary["warnings"])
