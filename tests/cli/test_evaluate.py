import csv
import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.image import Image, Labels, PixelSize
from segmetry.io import write_labels, write_png, write_probability

N = 6
KEYS = {
    "objects": (
        "dsb_score", "dsb_precision_50", "dsb_precision_95", "f1_50", "pq", "aji",
        "precision_50", "recall_50", "tp_50", "fp_50", "fn_50", "count_bias", "count_mae",
        "size_bias_d50_volume", "size_ks", "f1_50_pooled",
    ),
    "pixels": (
        "dice", "iou", "accuracy", "sensitivity", "specificity", "auc_roc", "auc_pr",
        "sensitivity_at_specificity", "dice_pooled", "auc_roc_pooled",
    ),
    "classes": (
        "mean_iou", "mean_dice", "accuracy", "mean_iou_pooled", "mean_dice_pooled",
        "accuracy_pooled", "pq_classes", "sq_classes", "rq_classes",
    ),
    "counts": (
        "count_bias", "count_mae", "count_rmse", "count_medae", "count_limit_low",
        "count_limit_high", "count_bias_percent", "count_error_percent",
    ),
    "detection": (
        "f1_centres", "precision_centres", "recall_centres", "tp_centres", "fp_centres",
        "fn_centres", "f1_centres_pooled", "precision_centres_pooled",
        "recall_centres_pooled", "f1_40", "precision_40", "recall_40", "f1_40_pooled",
        "count_bias", "count_mae", "count_limit_low", "count_error_percent",
    ),
}  # fmt: skip


def evaluate(*words):
    return CliRunner().invoke(app, ["evaluate", *(str(word) for word in words)])


def squares():
    truth = np.zeros((48, 160), np.uint32)
    for square in range(6):
        truth[14:34, 25 * square + 5 : 25 * square + 25] = square + 1
    return truth


def save(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_labels(path, Labels(data, Image(np.zeros(data.shape, np.uint8))))


@pytest.fixture
def folder(tmp_path):
    """Six pictures of six squares; of every second prediction one is missing."""
    for k in range(N):
        truth = squares()
        found = np.where(truth == 6, 0, truth) if k % 2 else truth
        noise = np.random.default_rng(k).normal(0, 5, truth.shape)
        save(tmp_path / "truth" / f"p{k}.tif", truth)
        save(tmp_path / "found" / f"p{k}.tif", found)
        save(tmp_path / "run" / f"p{k}" / "labels.tif", found)
        values = np.clip(np.where(found > 0, 0.8, 0.2) + noise / 100, 0, 1)
        write_probability(tmp_path / "run" / f"p{k}" / "foreground.tif", values)
        (tmp_path / "images").mkdir(exist_ok=True)
        grey = np.clip(np.where(truth > 0, 180, 60) + noise, 0, 255).astype(np.uint8)
        write_png(tmp_path / "images" / f"p{k}.png", grey)
    rows = "".join(f"p{k}.png,{'odd' if k % 2 else 'even'},f{k}\n" for k in range(N))
    (tmp_path / "groups.csv").write_text("file,kind,field\n" + rows)
    return tmp_path


@pytest.mark.parametrize("task", KEYS)
def test_json_is_all_there_is_on_stdout_and_its_keys_are_stable(folder, task):
    done = evaluate(folder / "run", folder / "truth", "--task", task, "--json",
                    "--groups", folder / "groups.csv", "--by", "kind",
                    *(("--distance", "5px") if task == "detection" else ()))  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    for name in KEYS[task]:
        assert set(told[name]) == {"value", "low", "high", "n"}
        assert set(told["groups"]["odd"][name]) == {"value", "low", "high", "n"}
        assert told[name]["n"] == N
    assert told["settings"]["resampled"] == "pictures"
    assert set(told["pictures"]) == {f"p{k}" for k in range(N)}
    assert told["pictures"]["p1"]["group"] == "odd"


def test_values_follow_from_the_squares(folder):
    done = evaluate(folder / "found", folder / "truth", "--task", "objects", "--json")
    told = json.loads(done.stdout)
    assert told["dsb_score"]["value"] == pytest.approx((1 + 5 / 6) / 2)
    assert told["tp_50"]["value"] == 33
    assert told["fn_50"]["value"] == 3
    assert told["count_bias"]["value"] == -0.5
    assert told["pictures"]["p1"]["dsb_score"] == pytest.approx(5 / 6)
    assert told["baseline"] is None
    assert any("--images" in note for note in told["notes"])


def class_maps(folder):
    """Six pictures of three classes; in the prediction a tenth of discs are rods."""
    for k in range(N):
        truth = np.repeat(np.uint8([0, 0, 0, 0, 1, 1, 2, 2, 2, 2])[None], 10 + k, axis=0)
        found = truth.copy()
        found[:, -1] = 1
        for name, data in (("true", truth), ("found", found)):
            (folder / name).mkdir(exist_ok=True)
            write_png(folder / name / f"p{k}.png", data)
    return folder


def test_classes_are_judged_each_by_itself_beside_the_most_common_one(tmp_path):
    folder = class_maps(tmp_path)
    words = ("--task", "classes", "--class-names", "ground,rod,disc")
    done = evaluate(folder / "found", folder / "true", *words, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["accuracy"]["value"] == pytest.approx(0.9)
    ious = [told["classes"][name]["iou"]["value"] for name in ("ground", "rod", "disc")]
    assert ious == pytest.approx([1, 2 / 3, 3 / 4])
    assert told["mean_iou"]["value"] == pytest.approx(np.mean(ious))
    assert told["confusion"]["found"] == ["ground", "rod", "disc", None]
    assert [row[1] / sum(row) for row in told["confusion"]["pixels"]] == pytest.approx(
        [0, 1, 0.25]
    )
    assert told["baseline"]["name"] == "the most common class everywhere"
    assert told["baseline"]["accuracy"]["value"] == pytest.approx(0.4)
    assert told["baseline"]["verdict"]["says"] == "better"


def test_people_read_the_scores_of_classes_and_what_they_are_taken_for(tmp_path):
    folder = class_maps(tmp_path)
    words = ("--task", "classes", "--class-names", "ground,rod,disc")
    done = evaluate(folder / "found", folder / "true", *words, "--out", folder / "out")
    assert done.exit_code == 0, done.output
    assert re.search(r"disc +0\.857 +0\.750 +0\.750 +1\.000", done.stdout)
    assert "found as rod" in done.stdout
    page = (folder / "out" / "evaluation.html").read_text("utf-8")
    assert '<section id="classes">' in page
    rows = (folder / "out" / "scores.csv").read_text("utf-8").splitlines()
    assert sum(row.startswith("prediction,first,,mean_iou,") for row in rows) == 1


def test_detected_cells_are_told_with_the_distance_a_baseline_and_agreement(folder):
    done = evaluate(folder / "run", folder / "truth", "--task", "detection",
                    "--distance", "12 px", "--images", folder / "images",
                    "--second-observer", folder / "found", "--out", folder / "judged",
                    "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["settings"]["distance"] == {"value": 12, "unit": "px"}
    assert told["fn_centres"]["value"] == 3
    assert told["f1_centres_pooled"]["value"] == pytest.approx(66 / 69)
    assert told["baseline"]["f1_centres"]["value"] == 1
    # The second person marked what the program found.
    assert told["second_observer"]["pictures"] == told["pictures"]
    assert told["against_second_observer"]["f1_centres"]["value"] == 1
    page = (folder / "judged" / "evaluation.html").read_text()
    assert "Bland and Altman" in page
    assert "at most 12 px apart, one to one" in page
    assert "against the second observer" in page.lower()
    rows = csv.DictReader((folder / "judged" / "scores.csv").read_text().splitlines())
    assert {"f1_centres", "f1_40_pooled"} <= {row["score"] for row in rows}


def test_people_read_how_far_centres_may_lie_apart(folder):
    done = evaluate(folder / "run", folder / "truth", "--task", "detection",
                    "--distance", "5px", "--second-observer", folder / "truth")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "detection of 6 pictures" in done.stdout
    assert "By centres: at most 5 px apart, one to one." in done.stdout
    assert "against the second observer, 6 pictures" in done.stdout
    assert "No baseline: give the pictures with --images." in done.stderr


def test_a_distance_in_um_needs_pictures_that_tell_their_pixel_size(folder):
    words = (folder / "found", folder / "truth", "--task", "detection", "--distance", "3um")
    done = evaluate(*words)
    assert done.exit_code == 2
    assert done.stderr.count("no file tells the pixel size") == 1  # not once a picture
    size = PixelSize(y=0.5, x=0.5, unit="um", source="typed")
    for k in range(N):
        picture = Image(np.zeros((48, 160), np.uint8), pixel_size=size)
        moved = np.roll(squares(), 2 * k, axis=0)  # k um
        write_labels(folder / "found" / f"p{k}.tif", Labels(moved, picture))
    told = json.loads(evaluate(*words, "--json").stdout)
    assert told["settings"]["distance"] == {"value": 3, "unit": "um"}
    found = [told["pictures"][f"p{k}"]["f1_centres"] for k in range(N)]
    assert found == [1, 1, 1, 1, 0, 0]


def test_a_classical_baseline_stands_beside_objects(folder):
    done = evaluate(folder / "found", folder / "truth", "--task", "objects", "--json",
                    "--images", folder / "images")  # fmt: skip
    told = json.loads(done.stdout)
    assert "Otsu" in told["baseline"]["name"]
    # Squares so clear are no task for a threshold; it beats the prediction that lost some.
    assert told["baseline"]["f1_50"]["value"] == 1
    assert told["baseline"]["difference"]["f1_50"]["value"] < 0
    assert told["baseline"]["difference"]["f1_50"]["n"] == N


def test_masks_have_no_area_under_curves_and_that_is_told(folder):
    done = evaluate(folder / "found", folder / "truth", "--task", "pixels", "--json")
    told = json.loads(done.stdout)
    assert told["auc_roc"]["value"] is None
    assert "say --probability" in told["notes"][0]


def test_the_better_of_nothing_and_everything_is_the_baseline_of_pixels(folder):
    done = evaluate(folder / "run", folder / "truth", "--task", "pixels", "--json")
    baseline = json.loads(done.stdout)["baseline"]
    assert baseline["auc_roc"]["value"] == 0.5
    share = (squares() > 0).mean()
    assert baseline["dice"]["value"] == pytest.approx(2 * share / (1 + share))
    assert baseline["auc_pr"]["value"] == pytest.approx(share)
    assert baseline["accuracy"]["value"] == pytest.approx(1 - share)


def test_the_mean_of_the_others_is_the_baseline_of_counts(folder):
    done = evaluate(folder / "found", folder / "truth", "--task", "counts", "--json")
    told = json.loads(done.stdout)
    assert told["count_mae"]["value"] == 0.5
    assert told["baseline"]["count_mae"]["value"] == 0  # all pictures hold six


def test_another_prediction_is_compared_picture_by_picture(folder):
    done = evaluate(folder / "found", folder / "truth", "--task", "objects", "--json",
                    "--against", folder / "truth")  # fmt: skip
    against = json.loads(done.stdout)["against"]
    assert against["name"] == "truth"
    assert against["dsb_score"]["value"] == 1
    assert against["difference"]["dsb_score"]["value"] == pytest.approx(-1 / 12)
    assert against["verdict"]["score"] == "dsb_score"
    assert against["verdict"]["sentence"].startswith("Against the other prediction (truth)")


def test_the_terminal_says_in_a_sentence_which_prediction_is_better(folder):
    for k in range(N):  # two of six squares everywhere: four are missed
        save(folder / "poor" / f"p{k}.tif", np.where(squares() <= 2, squares(), 0))
    done = evaluate(folder / "found", folder / "truth", "--task", "objects",
                    "--against", folder / "poor")  # fmt: skip
    # Half of the pictures gain four squares of six, half of them three.
    told = "differs by +0.583 (95 % interval +0."
    line = next(line for line in done.stdout.splitlines() if told in line)
    assert line.endswith("picture by picture, n = 6): this prediction is better.")


def test_pictures_that_a_comparison_lacks_are_told(folder):
    (folder / "few").mkdir()
    save(folder / "few" / "p0.tif", squares())
    write_png(folder / "few" / "p1.png", squares()[:9].astype(np.uint8))
    done = evaluate(folder / "found", folder / "truth", "--task", "objects", "--json",
                    "--against", folder / "few", "--images", folder / "images" / "p0.png",
                    )  # fmt: skip
    notes = json.loads(done.stdout)["notes"]
    assert notes == [
        "The baseline has no result for p1, p2, p3, p4, p5.",
        "The other prediction has no result for p1, p2, p3, p4, p5.",
    ]


def test_pictures_of_other_names_are_no_baseline_and_that_is_told(folder):
    write_png(folder / "stranger.png", squares().astype(np.uint8))
    done = evaluate(folder / "found", folder / "truth", "--task", "objects", "--json",
                    "--images", folder / "stranger.png")  # fmt: skip
    told = json.loads(done.stdout)
    assert told["baseline"] is None
    assert told["notes"] == ["No baseline: --images holds no picture of these names."]


def test_clusters_are_resampled_together_and_told(folder):
    rows = "".join(f"p{k},all,f{k % 2}\n" for k in range(N))
    (folder / "groups.csv").write_text("image,group,field\n" + rows)
    done = evaluate(folder / "found", folder / "truth", "--task", "objects", "--json",
                    "--groups", folder / "groups.csv", "--cluster", "field")  # fmt: skip
    told = json.loads(done.stdout)
    assert told["settings"]["resampled"] == "clusters of pictures"
    assert told["settings"]["n_units"] == 2
    assert told["dsb_score"]["low"] is None
    assert told["pictures"]["p3"]["cluster"] == "f1"


def test_people_get_a_table_in_plain_words(folder):
    done = evaluate(folder / "found", folder / "truth", "--task", "objects",
                    "--groups", folder / "groups.csv", "--by", "kind")  # fmt: skip
    assert done.exit_code == 0
    for told in ("mean precision over IoU", "0.917", "2 TP / (2 TP + FP + FN)", "odd"):
        assert told in done.stdout
    assert "--images" in done.stderr


def test_the_table_of_groups_has_plain_words_formulas_and_the_baseline(folder):
    done = evaluate(folder / "found", folder / "truth", "--task", "counts",
                    "--groups", folder / "groups.csv", "--by", "kind")  # fmt: skip
    table = done.stdout[done.stdout.index("groups of pictures") :]
    row = next(line for line in table.splitlines() if " odd (3 pictures) " in line)
    # Odd pictures lost one square of six; the mean of the others is right: all hold six.
    title, value, *_, baseline, formula = re.split(r"  +", row.split(")", 1)[1].strip())
    assert title == "mean absolute error of the count"
    assert (value, baseline, formula) == ("1", "0", "mean of |found − true|")
    assert "count_mae" not in table


def test_missing_predictions_are_told_and_end_with_status_1(folder):
    (folder / "found" / "p2.tif").unlink()
    save(folder / "found" / "stranger.tif", squares())
    done = evaluate(folder / "found", folder / "truth", "--task", "objects", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["missing"], told["extra"]) == (["p2"], ["stranger"])
    assert told["dsb_score"]["n"] == told["n_pictures"] == N - 1


def test_a_picture_of_another_size_is_told_and_ends_with_status_1(folder):
    save(folder / "found" / "p3.tif", squares()[:, :50])
    done = evaluate(folder / "found", folder / "truth", "--task", "objects", "--json")
    assert done.exit_code == 1
    assert "50 x 48" in json.loads(done.stdout)["failed"]["p3"]


def test_only_the_field_of_view_counts(folder):
    view = np.zeros(squares().shape, np.uint8)
    view[:, :128] = 255  # the sixth square, which is missing, lies outside
    (folder / "fov").mkdir()
    for k in range(N):
        write_png(folder / "fov" / f"p{k}.png", view)
    done = evaluate(folder / "found", folder / "truth", "--task", "objects", "--json",
                    "--fov", folder / "fov")  # fmt: skip
    assert json.loads(done.stdout)["dsb_score"]["value"] == 1


def test_the_page_shows_the_mistakes_and_the_tables_hold_the_scores(folder):
    out = folder / "out"
    done = evaluate(folder / "found", folder / "truth", "--task", "objects",
                    "--images", folder / "images", "--out", out)  # fmt: skip
    assert done.exit_code == 0, done.output
    page = (out / "evaluation.html").read_text(encoding="utf-8")
    assert "Missed" in page
    assert page.count("data:image/jpeg") == 3
    told = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))
    with (out / "pictures.csv").open(encoding="utf-8") as file:
        rows = {row["image"]: row for row in csv.DictReader(file)}
    assert float(rows["p1"]["pq"]) == told["pictures"]["p1"]["pq"]
    assert len(rows) == N


def test_an_earlier_evaluation_is_not_overwritten_unasked(folder):
    words = (folder / "found", folder / "truth", "--task", "counts", "--out", folder)
    assert evaluate(*words).exit_code == 0
    again = evaluate(*words)
    assert again.exit_code == 2
    assert "--overwrite" in again.stderr
    assert evaluate(*words, "--overwrite").exit_code == 0


def test_a_folder_that_cannot_be_made_is_told(folder):
    (folder / "file").write_text("in the way")
    done = evaluate(folder / "found", folder / "truth", "--task", "counts",
                    "--out", folder / "file" / "out")  # fmt: skip
    assert done.exit_code == 1
    assert "Cannot make the folder" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none", "truth", "--task", "objects"), "is not there"),
        (("found", "none", "--task", "objects"), "is not there"),
        (("found", "truth", "--task", "beauty"), "beauty"),
        (("found", "truth"), "--task"),
        (("found", "truth", "--task", "objects", "--by", "kind"), "--groups"),
        (("found", "truth", "--task", "objects", "--groups", "none.csv"), "none.csv"),
        (("found", "truth", "--task", "objects", "--groups", "groups.csv"), "'group'"),
        (("found", "truth", "--task", "pixels", "--specificity", "95"), "equal to 1"),
        (("found", "groups.csv", "--task", "objects"), "is a table"),
        (("found", "truth", "--task", "detection"), "needs --distance"),
        (("found", "truth", "--task", "detection", "--distance", "5"), "such as 50px"),
        (("found", "truth", "--task", "counts", "--distance", "5px"), "leave it out"),
    ],
)
def test_a_wrong_command_line_ends_with_status_2_and_a_reason(folder, words, said):
    done = evaluate(*(folder / w if (folder / w).exists() else w for w in words))
    assert done.exit_code == 2, done.output
    assert said in done.stderr


def test_a_wrong_command_line_is_told_in_json_too(folder):
    done = evaluate(folder / "none", folder / "truth", "--task", "objects", "--json")
    assert done.exit_code == 2
    assert "is not there" in json.loads(done.stdout)["error"]


def test_a_set_of_which_no_picture_can_be_judged_is_refused(folder):
    for k in range(N):
        save(folder / "found" / f"p{k}.tif", squares()[:9])
    done = evaluate(folder / "found", folder / "truth", "--task", "objects")
    assert done.exit_code == 2
    assert "No picture could be judged" in done.stderr
