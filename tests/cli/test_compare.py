import json

import numpy as np
import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.io import write_labels, write_png


def compare(*words):
    return CliRunner().invoke(app, ["compare", *(str(word) for word in words)])


@pytest.fixture
def drawn(tmp_path):
    """Five pictures of bright squares, one more than is needed for intervals."""
    rng = np.random.default_rng(0)
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
    for k in range(5):
        labels = np.zeros((64, 64), np.uint16)
        pixels = rng.normal(50, 5, labels.shape)
        for number, cell in enumerate(rng.permutation(16)[:5], start=1):
            y, x = 16 * (cell // 4) + 2, 16 * (cell % 4) + 2
            labels[y : y + 11, x : x + 9 + number] = number
        pixels[labels > 0] += 120
        write_png(tmp_path / "images" / f"p{k}.png", pixels.clip(0, 255).astype(np.uint8))
        write_labels(tmp_path / "masks" / f"p{k}.tif", labels)
    return tmp_path


def words(drawn, *more):
    return (drawn / "images", drawn / "masks", "--out", drawn / "out", *more)


def test_methods_are_told_in_order(drawn):
    done = compare(*words(drawn, "--methods", "threshold:min_area=2000,threshold"))
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].startswith("Ordered by")
    assert [line.split()[1] for line in lines[1:4]] == [
        "baseline",
        "threshold",
        "threshold:min_area=2000",
    ]
    assert lines[3].endswith("worse")
    assert (drawn / "out" / "compare.html").is_file()


def test_json_is_one_object_and_nothing_else(drawn):
    done = compare(*words(drawn, "--methods", "threshold", "--json"))
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert [one["method"] for one in told["methods"]] == ["baseline", "threshold"]
    assert told["differences"][0]["says"] == "the same"


def test_a_bad_picture_gives_status_1_and_the_rest(drawn):
    (drawn / "images" / "p3.png").write_bytes(b"nothing")
    done = compare(*words(drawn, "--methods", "threshold"))
    assert done.exit_code == 1
    assert "threshold on p3" in done.output
    assert (drawn / "out" / "leaderboard.csv").is_file()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "No method is named"),
        (["--methods", "otsu"], "no segmenter 'otsu'"),
        (["--methods", "threshold", "--train-images", "."], "belong together"),
        (["--methods", "threshold", "--by", "class"], "--groups"),
        (["--methods", "threshold", "--score", "beauty"], "ordered by one of"),
        (["--methods", "threshold", "--task", "counts"], "counts"),
    ],
)
def test_a_wrong_command_line_gives_status_2_and_one_sentence(drawn, more, said):
    done = compare(*words(drawn, *more))
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


def test_a_stopped_comparison_says_how_to_go_on(drawn, monkeypatch):
    def stopped(*_words, **_how):
        raise KeyboardInterrupt

    monkeypatch.setattr("segmetry.cli.compare.compare", stopped)
    done = compare(*words(drawn, "--methods", "threshold"))
    assert done.exit_code == 130
    assert "--resume" in done.output
