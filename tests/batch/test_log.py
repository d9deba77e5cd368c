import logging

import pytest

from segmetry.batch.log import run_log
from segmetry.errors import WriteError


def test_the_log_goes_to_its_file_and_nowhere_after(tmp_path):
    with run_log(tmp_path / "run.log") as log:
        log.info("inside")
    logging.getLogger("segmetry.run").info("outside")
    text = (tmp_path / "run.log").read_text(encoding="utf-8")
    assert "INFO segmetry 0." in text
    assert "inside" in text
    assert "outside" not in text


def test_a_second_run_adds_to_the_log(tmp_path):
    for word in ("first", "second"):
        with run_log(tmp_path / "run.log") as log:
            log.info(word)
    text = (tmp_path / "run.log").read_text(encoding="utf-8")
    assert text.index("first") < text.index("second")


def test_a_log_that_cannot_be_written_is_told(tmp_path):
    with (
        pytest.raises(WriteError, match="Cannot write run.log"),
        run_log(tmp_path / "none" / "run.log"),
    ):
        pass
