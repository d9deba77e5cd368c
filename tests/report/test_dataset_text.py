import pytest

from segmetry.report.dataset_text import description_lines, finding_counts, number

SPREAD = {"min": 1, "p05": 2, "median": 3.14159, "p95": 40, "max": 5678.9}


def told(**changes):
    kind = {"type": 1, "looks": "dark grey", "n_pictures": 2, "samples": ["a", "b"]}
    plain = {
        "n_pictures": 2,
        "n_annotated": 2,
        "n_objects": 9,
        "parts": [{"part": "", "n_pictures": 2, "n_objects": 9}],
        "shapes": [{"shape": (40, 50), "n_pictures": 2}],
        "channels": [{"channels": 1, "n_pictures": 2}],
        "values": [{"values": "uint8, 8 bits", "n_pictures": 2}],
        "typical_diameter_px": 12.34,
        "diameter_px": SPREAD,
        "objects_per_picture": SPREAD,
        "mask_origins": [],
        "n_unchecked_drafts": 0,
        "types": [kind],
        "silhouette": None,
        "near_duplicates": [],
        "findings": [],
    }
    return "\n".join(description_lines({**plain, **changes}))


def finding(name, kind="specks"):
    return {"name": name, "kind": kind, "sentence": f"{name} is odd.", "usable": True}


def test_a_plain_set_is_told_in_a_few_lines():
    assert told().splitlines() == [
        "2 pictures, 9 objects",
        "Sizes: 40 x 50 (2)",
        "Channels: 1 (2)",
        "Values: uint8, 8 bits (2)",
        "Typical object diameter: 12.3 px (median of the medians of pictures)",
        "Diameter of all objects: median 3.14, 90 % from 2 to 40, all from 1 to 5679 px",
        "Objects in a picture: median 3, 90 % from 2 to 40, all from 1 to 5679",
        "",
        "All pictures are of one type: dark grey.",
        "Near-duplicates: none",
        "Nothing odd was found.",
    ]


def test_a_set_without_masks_says_nothing_of_objects():
    text = told(n_annotated=0, n_objects=0, diameter_px=None, objects_per_picture=None)
    assert text.startswith("2 pictures without masks\nSizes")
    assert "diameter" not in text


def test_pictures_without_a_mask_are_counted():
    assert told(n_annotated=1).startswith("2 pictures, 1 of them with a mask, 9 objects")


def test_parts_are_listed():
    parts = [
        {"part": "train", "n_pictures": 1, "n_objects": 8},
        {"part": "test", "n_pictures": 1, "n_objects": 1},
    ]
    assert "  train: 1 picture, 8 objects\n  test: 1 picture, 1 object\n" in told(
        parts=parts
    )


def test_the_most_frequent_sizes_are_listed_and_the_rest_counted():
    shapes = [{"shape": (n, n), "n_pictures": 9 - n} for n in range(1, 8)]
    assert "Sizes: 1 x 1 (8), 2 x 2 (7), 3 x 3 (6), 4 x 4 (5) and 3 more" in told(
        shapes=shapes
    )


def test_types_are_listed_with_an_example():
    kinds = [
        {"type": n, "looks": f"look {n}", "n_pictures": n, "samples": [f"p{n}"]}
        for n in (1, 2)
    ]
    text = told(types=kinds, silhouette=0.876)
    assert "2 types of pictures (silhouette 0.88)" in text
    assert "  1: look 1, 1 picture, such as p1\n  2: look 2, 2 pictures" in text


@pytest.mark.parametrize("between", [False, True])
def test_a_leak_is_a_warning(between):
    pair = {"first": "a", "second": "b", "bits": 0, "between_parts": between}
    text = told(near_duplicates=[pair])
    assert "Near-duplicates: 1 pair" in text
    assert ("Warning: 1 pair of near-duplicates between parts" in text) == between


def test_near_duplicates_are_named_those_between_parts_first():
    names = [f"p{n}" for n in range(9)]
    pairs = [
        {"first": name, "second": f"{name}b", "bits": 1, "between_parts": name == "p8"}
        for name in names
    ]
    text = told(near_duplicates=pairs)
    assert "Near-duplicates: 9 pairs\n  p8 and p8b\n  p0 and p0b\n" in text
    assert "p5 and p5b" not in text
    assert "  and 3 more, in the report\n" in text


def test_ten_findings_are_told_and_the_rest_counted():
    findings = [finding(f"p{n}") for n in range(12)] + [finding("q", "empty")]
    text = told(findings=findings)
    assert "To look at: 13 findings\n  p0: p0 is odd.\n" in text
    assert "p10" not in text
    assert text.endswith("  and 3 more; in all: 12 specks, 1 empty")


def test_findings_are_counted_the_most_frequent_first():
    findings = [finding("a", "empty"), finding("b"), finding("c")]
    counts = finding_counts({"findings": findings})
    assert list(counts.items()) == [("specks", 2), ("empty", 1)]


@pytest.mark.parametrize(
    ("value", "text"), [(0.12345, "0.123"), (12.0, "12"), (1234.5, "1234")]
)
def test_numbers_have_three_digits_or_all_before_the_point(value, text):
    assert number(value) == text


def test_where_masks_come_from_is_told_and_drafts_that_nobody_checked():
    tally = [
        {"mask_origin": "corrected", "n_pictures": 5},
        {"mask_origin": "draft", "n_pictures": 2},
    ]
    text = told(mask_origins=tally)
    assert "Masks: corrected (5), draft (2)\n" in text
    text = told(mask_origins=tally, n_unchecked_drafts=1)
    assert "Masks: corrected (5), draft (2); 1 draft that nobody has checked\n" in text
    assert "Masks:" not in told()
