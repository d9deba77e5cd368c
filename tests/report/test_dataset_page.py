"""The report on a set: what it says, and that it needs nothing else."""

import re

import numpy as np
import pytest

from segmetry.report.dataset_page import DatasetContent, dataset_html

SPREAD = {"min": 1.0, "p05": 2.0, "median": 8.25, "p95": 40.0, "max": 90.0}


def row(name, part="", n_objects=5, **changes):
    plain = {
        "picture": name,
        "part": part,
        "shape": (40, 50),
        "channels": 1,
        "dtype": "uint8",
        "bits": 8,
        "n_objects": n_objects,
        "median_diameter_px": 8.0,
        "covered": 0.125,
        "type": 1,
    }
    return {**plain, **changes}


def finding(name, kind="specks", **changes):
    plain = {"name": name, "kind": kind, "sentence": f"{name} is odd.", "usable": True}
    return {**plain, **changes}


def told(**changes):
    pictures = changes.pop("pictures", [row("a"), row("b")])
    plain = {
        "n_pictures": len(pictures),
        "n_annotated": len(pictures),
        "n_objects": 1234,
        "parts": [{"part": "", "n_pictures": len(pictures), "n_objects": 1234}],
        "shapes": [{"shape": (40, 50), "n_pictures": 2}],
        "channels": [{"channels": 1, "n_pictures": 2}],
        "values": [{"values": "uint8, 8 bits", "n_pictures": 2}],
        "typical_diameter_px": 12.34,
        "diameter_px": SPREAD,
        "objects_per_picture": SPREAD,
        "covered": {name: value / 100 for name, value in SPREAD.items()},
        "mask_origins": [],
        "n_unchecked_drafts": 0,
        "types": [
            {"type": 1, "looks": "dark grey", "n_pictures": 2, "samples": ["a", "b"]}
        ],
        "silhouette": None,
        "near_duplicates": [],
        "findings": [],
        "pictures": pictures,
    }
    return {**plain, **changes}


def page(stamps=(), suspects=(), diameters=None, **changes):
    stamp = np.full((30, 40, 3), 128, np.uint8)
    sizes = np.random.default_rng(0).lognormal(2, 0.4, 300)
    return dataset_html(
        DatasetContent(
            title="What is in <here>",
            told=told(**changes),
            diameters={"": sizes} if diameters is None else diameters,
            stamps=dict.fromkeys(stamps, stamp),
            suspects=dict.fromkeys(suspects, stamp),
            version="1.2.3",
        )
    )


def text_of(html):
    body = re.sub(r"<(style|svg).*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", body))


def test_the_page_says_what_is_in_the_set():
    text = text_of(page())
    assert "What is in &lt;here&gt;" in text
    assert "2 pictures , 1,234 objects in the masks" in text.replace("s,", "s ,")
    assert "12.3 px median of the medians of pictures" in text
    assert "90 % from 2 to 40" in text
    assert (
        "share covered by objects: median 8.25, 90 % from 2 to 40, all from 1 to 90 %"
        in text
    )
    assert "40 × 50" in text
    assert "Made with Segmetry 1.2.3" in text


def test_the_page_loads_nothing():
    html = page(stamps=["a", "b"])
    assert "<script" not in html
    links = re.findall(r'(?:src|href)="([^"#][^"]*)"', html)
    assert all(link.startswith("data:") for link in links)
    assert html.count("data:image/jpeg") == 2


def test_equal_content_gives_equal_text():
    assert page(stamps=["a"]) == page(stamps=["a"])


def test_a_set_without_masks_has_no_figures_of_objects():
    bare = [row("a", n_objects=None, median_diameter_px=None, covered=None)]
    html = page(
        pictures=bare,
        diameters={},
        n_annotated=0,
        n_objects=0,
        typical_diameter_px=None,
        diameter_px=None,
        objects_per_picture=None,
        covered=None,
    )
    assert "1 picture without masks" in text_of(html)
    assert 'id="objects"' not in html
    assert '<td class="number">–</td>' in html


def test_parts_share_a_figure_as_percentages():
    parts = [
        {"part": name, "n_pictures": 10, "n_objects": 600} for name in ("train", "test")
    ]
    pictures = [
        row(f"{name}/{n}", name, n_objects=n + 1)
        for name in ("train", "test")
        for n in range(10)
    ]
    sizes = {
        name: np.random.default_rng(0).lognormal(2, 0.4, 300) for name in ("train", "test")
    }
    html = page(parts=parts, pictures=pictures, diameters=sizes)
    assert html.count("<svg") == 2
    assert "train (n = 300)" in html
    assert "objects per bin / %" in html
    assert "in 2 parts" in text_of(html)


def test_sizes_over_decades_have_a_logarithmic_axis():
    wide = {"": np.geomspace(1, 1000, 500)}
    assert "equivalent diameter / px" in page(diameters=wide)
    assert len(page(diameters=wide)) != len(page())


def test_one_far_object_does_not_make_thousands_of_bins():
    sizes = {"": np.r_[np.linspace(10, 11, 2000), 200]}
    assert len(page(diameters=sizes)) < 60_000


def test_types_are_shown_with_their_samples():
    kinds = [
        {"type": n, "looks": f"look {n}", "n_pictures": n, "samples": ["a"]} for n in (1, 2)
    ]
    text = text_of(page(types=kinds, silhouette=0.876, stamps=["a"]))
    assert "silhouette 0.88" in text
    assert "Type 1: look 1, 1 picture " in text
    assert "Type 2: look 2, 2 pictures" in text


def test_a_sample_that_could_not_be_read_is_told():
    assert text_of(page()).count("not shown") == 2


@pytest.mark.parametrize("between", [False, True])
def test_a_leak_is_told_at_the_top(between):
    pair = {"first": "a", "second": "b", "bits": 3, "between_parts": between}
    html = page(near_duplicates=[pair])
    assert ('id="leaks"' in html) == between
    assert ("1 pair of near-duplicates lies in different parts" in text_of(html)) == between
    assert "3 of 64 bits differ" in text_of(html)


def test_findings_are_shown_with_their_pictures():
    findings = [finding("a"), finding("a", "pieces"), finding("b", "shape", usable=False)]
    html = page(findings=findings, suspects=["a", "b"])
    text = text_of(html)
    assert "1 × specks, 1 × pieces, 1 × shape" in text
    assert "cannot be learned from" in text
    assert html.count('<article class="card">') == 2
    assert "<details open>" in html


def test_many_findings_are_folded():
    findings = [finding(f"p{n}") for n in range(30)]
    assert "<details open>" not in page(findings=findings)


def test_the_table_of_a_large_set_ends_and_says_where_the_rest_is():
    pictures = [row(f"p{n}") for n in range(450)]
    text = text_of(page(pictures=pictures))
    assert "400 rows" in text
    assert "The other 50 are in description.json" in text


def test_names_of_files_are_no_markup():
    nasty = "<img src=x onerror=alert(1)>"
    html = page(
        pictures=[row(nasty)],
        findings=[finding(nasty)],
        suspects=[nasty],
        types=[{"type": 1, "looks": "dark", "n_pictures": 1, "samples": [nasty]}],
    )
    assert nasty not in html


def test_where_masks_come_from_is_a_table_of_its_own():
    tally = [{"mask_origin": "from nothing", "n_pictures": 3}]
    assert "from nothing" in page(mask_origins=tally)
    assert ">masks</th>" in page(mask_origins=tally)
    assert ">masks</th>" not in page()
