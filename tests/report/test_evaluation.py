import re
from dataclasses import replace

import numpy as np
import pytest

from segmetry.evaluate import (
    differences,
    evaluate_set,
    judge_objects,
    judge_pixels,
    match_objects,
)
from segmetry.report.evaluation import (
    Crop,
    EvaluationContent,
    evaluation_html,
)
from segmetry.report.scores import score_text

SETTINGS = {"level": 0.95, "resampled": "pictures", "n_units": 8}


def objects(*, lost, n=8):
    truth = np.zeros((12, 60), np.uint32)
    for square in range(4):
        truth[1:11, 15 * square + 1 : 15 * square + 11] = square + 1
    judged = {
        f"p<{k}>": judge_objects(
            match_objects(np.where(truth <= lost + k % 2, 0, truth), truth)
        )
        for k in range(n)
    }
    groups = {name: "dark & dim" if k < 5 else "bright" for k, name in enumerate(judged)}
    return evaluate_set(judged, task="objects", groups=groups)


def content(evaluation, *, others=None, crops=(), notes=()):
    others = others or {}
    return EvaluationContent(
        title="How good is <run>",
        evaluation=evaluation,
        others=others,
        meanings=dict.fromkeys(others, "what anybody can do"),
        gains={name: differences(evaluation, other) for name, other in others.items()},
        comparisons=[f"Against {name}: better." for name in others],
        notes=notes,
        settings=SETTINGS,
        version="1.2.3",
        crops=crops,
    )


def crop(kind="missed"):
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[10:30] = (255, 150, 0)
    return Crop(kind, "p<1>", pixels, "object 7")


@pytest.fixture(scope="module")
def page():
    return evaluation_html(
        content(
            objects(lost=0),
            others={"baseline": objects(lost=2)},
            crops=[crop(), crop("merged")],
            notes=["One & only note."],
        )
    )


def test_the_page_tells_scores_groups_mistakes_and_notes(page):
    for told in (
        "dsb_score", "0.875", "dark &amp; dim", "One &amp; only note.",
        "baseline", "what anybody can do", "Missed", "Merged", "object 7", "p&lt;1&gt;",
    ):  # fmt: skip
        assert told in page
    assert "Invented" not in page
    assert page.count("data:image/jpeg;base64,") == 2
    assert page.count("<svg") == 4


def test_groups_stand_beside_the_baseline_in_plain_words_with_their_formula(page):
    groups = page[
        page.index('<section id="groups">') : page.index('<section id="mistakes">')
    ]
    assert "dsb_score" not in groups
    assert groups.count("mean precision over IoU 0.50 to 0.95") == 2
    assert groups.count("mean of TP / (TP + FP + FN)") == 2
    # Of four squares 0 or 1 are lost, and 2 or 3 by the baseline; five pictures are dark.
    dark = groups[groups.index("dark &amp; dim") :].split("</tr>")[0]
    cells = re.findall(r'<td class="(?:value|plain)">([^<]*)', dark)
    assert cells == ["0.900", "0.400"]


def test_what_the_comparison_is_worth_is_a_sentence(page):
    assert '<p class="verdict">Against baseline: better.</p>' in page


def test_the_page_loads_nothing_and_lets_no_name_in_as_code(page):
    assert "<run>" not in page
    assert "p<1>" not in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert "default-src 'none'" in page


def test_the_page_is_the_same_for_the_same_content():
    evaluation = objects(lost=1)
    assert evaluation_html(content(evaluation)) == evaluation_html(content(evaluation))


def test_the_difference_to_the_baseline_is_told_in_words(page):
    assert "better" in page
    assert "no clear difference" not in page


def test_a_page_without_baseline_groups_or_mistakes_has_no_such_section():
    judged = {"a": (3, 4)}
    page = evaluation_html(content(evaluate_set(judged, task="counts")))
    for absent in ("Groups", "Mistakes", "Beside the", "<svg"):
        assert absent not in page
    assert "1 picture judged" in page


def test_pixels_have_a_page_as_well():
    rng = np.random.default_rng(0)
    judged = {}
    for k in range(6):
        truth = rng.random((20, 20)) < 0.3
        values = np.clip(0.4 * truth + rng.random((20, 20)) / 2, 0, 1)
        judged[f"p{k}"] = judge_pixels(values > 0.5, truth, probability=values)
    page = evaluation_html(content(evaluate_set(judged, task="pixels")))
    assert "area under the ROC curve" in page
    assert page.count("<svg") == 1


def test_whole_pictures_are_shown_large_with_their_own_key():
    crops = [crop("worst"), crop("best")]
    page = evaluation_html(content(objects(lost=0), crops=crops))
    assert page.count('class="gallery mistakes whole"') == 2
    assert page.count("</span>missed</span>") == 1
    assert "true outline" not in page
    assert page.index("Worst pictures") < page.index("Best pictures")


def test_a_second_observer_has_a_table_of_their_own(page):
    both = content(objects(lost=0), others={"baseline": objects(lost=1)})
    second = (objects(lost=2), {"other prediction": objects(lost=3)})
    told = evaluation_html(replace(both, second=second))
    table = told[told.index("Against the second observer") :].split("</table>")[0]
    assert "masks for truth, 8 pictures" in table
    assert "other prediction</th>" in table
    assert "baseline" not in table
    value = score_text("f1_50", second[0].scores["f1_50"])[0]
    assert f'<td class="value">{value}</td>' in table
    assert "Against the second observer" not in page


def test_the_worst_pictures_come_first(page):
    table = page[page.index('id="pictures"') :]
    odd, even = table.index("p&lt;1&gt;"), table.index("p&lt;0&gt;")
    assert odd < even
