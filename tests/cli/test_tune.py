import json

import pytest
from typer.testing import CliRunner

from segmetry.cli import app


def tune(*words):
    return CliRunner().invoke(app, ["tune", *(str(word) for word in words)])


def words(squares, *more):
    quick = ("--method", "threshold", "--trials", "2", "--folds", "2")
    return (
        squares / "images",
        squares / "masks",
        "--out",
        squares / "out",
        *quick,
        *more,
    )


def test_what_tuning_is_worth_is_the_first_line(squares):
    done = tune(*words(squares))
    assert done.exit_code == 0, done.output
    lines = [line for line in done.stdout.splitlines() if line]
    assert lines[0].startswith("On pictures that the search did not see")
    assert lines[-1].startswith("Recipe: ")
    assert (squares / "out" / "tuned.toml").is_file()
    again = tune(*words(squares))
    assert again.exit_code == 2
    assert "--resume" in again.output
    assert tune(*words(squares, "--resume")).exit_code == 0


def test_json_is_one_object_and_nothing_else(squares):
    done = tune(*words(squares, "--json", "--set", "method=li"))
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told["method"] == "threshold"
    assert "method" not in told["tuned"]
    assert told["n_trials"] == 2


def test_a_picture_that_was_left_out_gives_status_1(squares):
    (squares / "images" / "p3.png").write_bytes(b"nothing")
    done = tune(*words(squares))
    assert done.exit_code == 1
    assert "Left out: p3" in done.output


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--method", "otsu"], "no segmenter 'otsu'"),
        (["--set", "method"], "OPTION=VALUE"),
        (["--score", "beauty"], "ordered by one of"),
        (["--trials", "0"], "trials"),
    ],
)
def test_a_wrong_command_line_gives_status_2_and_one_sentence(squares, more, said):
    done = tune(*words(squares, *more))
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


def test_a_stopped_tuning_says_how_to_go_on(squares, monkeypatch):
    def stopped(*_words, **_how):
        raise KeyboardInterrupt

    monkeypatch.setattr("segmetry.cli.tune.tune", stopped)
    done = tune(*words(squares))
    assert done.exit_code == 130
    assert "--resume" in done.output
