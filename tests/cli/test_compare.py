import json

import pytest
from typer.testing import CliRunner

from segmetry.cli import app


def compare(*words):
    return CliRunner().invoke(app, ["compare", *(str(word) for word in words)])


def words(squares, *more):
    return (
        squares / "images",
        squares / "masks",
        "--out",
        squares / "out",
        *more,
    )


def test_methods_are_told_in_order(squares):
    done = compare(*words(squares, "--methods", "threshold:min_area=2000,threshold"))
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].startswith("Ordered by")
    assert [line.split()[1] for line in lines[1:4]] == [
        "baseline",
        "threshold",
        "threshold:min_area=2000",
    ]
    assert lines[3].endswith("worse")
    assert (squares / "out" / "compare.html").is_file()


def test_json_is_one_object_and_nothing_else(squares):
    done = compare(*words(squares, "--methods", "threshold", "--json"))
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert [one["method"] for one in told["methods"]] == ["baseline", "threshold"]
    assert told["differences"][0]["says"] == "the same"


def test_a_bad_picture_gives_status_1_and_the_rest(squares):
    (squares / "images" / "p3.png").write_bytes(b"nothing")
    done = compare(*words(squares, "--methods", "threshold"))
    assert done.exit_code == 1
    assert "threshold on p3" in done.output
    assert (squares / "out" / "leaderboard.csv").is_file()


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
def test_a_wrong_command_line_gives_status_2_and_one_sentence(squares, more, said):
    done = compare(*words(squares, *more))
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


def test_a_stopped_comparison_says_how_to_go_on(squares, monkeypatch):
    def stopped(*_words, **_how):
        raise KeyboardInterrupt

    monkeypatch.setattr("segmetry.cli.compare.compare", stopped)
    done = compare(*words(squares, "--methods", "threshold"))
    assert done.exit_code == 130
    assert "--resume" in done.output
