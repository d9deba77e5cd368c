import numpy as np

from segmetry.evaluate import class_table, evaluate_set, judge_classes
from segmetry.report.class_scores import CLASS_COLUMNS, class_rows, confusion_rows
from segmetry.report.evaluation import EvaluationContent, evaluation_html

NAMES = ("ground", "<rod>", "disc")


def judged(predicted, truth):
    return judge_classes(np.uint8([predicted]), np.uint8([truth]), names=NAMES)


def test_each_class_is_a_row_and_what_is_nowhere_a_dash():
    rows = dict(class_rows(class_table([judged([0, 0, 1, 1], [0, 1, 1, 1])])))
    assert list(rows) == [*NAMES]
    assert rows["<rod>"][list(CLASS_COLUMNS).index("iou")] == ("0.667", "")
    assert {value for value, _ in rows["disc"]} == {"–"}


def test_confusion_is_told_in_percent_of_the_true_class():
    head, ground, rod, disc = confusion_rows(
        class_table([judged([0, 0, 1, 255], [0, 1, 1, 1])])
    )
    assert head == (
        *("true class", "found as ground", "found as <rod>", "found as disc"),
        *("found as none", "pixels"),
    )
    assert ground == ("ground", "100.0 %", "0.0 %", "0.0 %", "0.0 %", "1")
    assert rod == ("<rod>", "33.3 %", "33.3 %", "0.0 %", "33.3 %", "3")
    assert disc[1:] == ("–", "–", "–", "–", "0")
    assert len(confusion_rows(class_table([judged([0], [0])]))[0]) == 5


def test_no_table_has_no_rows():
    assert class_rows(None) == confusion_rows(None) == []


def test_the_page_of_an_evaluation_shows_the_classes():
    pictures = {f"p{k}": judged([0, 0, 1, k % 3], [0, 1, 1, 2]) for k in range(6)}
    evaluation = evaluate_set(pictures, task="classes")
    content = EvaluationContent(
        *("How good", evaluation, {}, {}, {}, (), ()),
        settings={"level": 0.95, "resampled": "pictures", "n_units": 6},
        version="0",
    )
    html = evaluation_html(content)
    assert '<section id="classes">' in html
    assert "found as &lt;rod&gt;" in html
