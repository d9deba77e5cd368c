import sys

import numpy as np
import pytest

from segmetry.errors import WriteError
from segmetry.large.store import Store


def test_a_state_of_other_work_is_removed(tmp_path):
    store = Store(tmp_path / "state")
    store.begin("one")
    store.write("tile-1", {"a": np.arange(3)})
    store.begin("one")
    assert store.read_one("tile-1", "a").tolist() == [0, 1, 2]
    store.begin("another")
    assert not store.has("tile-1")


def test_runs_of_some_rows_are_read_alone(tmp_path):
    store = Store(tmp_path)
    runs = np.array([[row, 0, 2, 0] for row in (3, 3, 5, 8, 9)], np.int32)
    store.write_runs("a", runs)
    assert store.read_runs("a", slice(4, 9))[:, 0].tolist() == [5, 8]
    assert store.read_runs("a", slice(10, 12)).shape == (0, 4)


def test_no_half_of_a_piece_stays_where_it_cannot_be_written(tmp_path):
    store = Store(tmp_path / "is" / "not" / "there")
    with pytest.raises(WriteError, match="Cannot keep what was found so far"):
        store.write("a", {"a": np.zeros(1)})


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such modes there")
def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError):
        Store(tmp_path / "file" / "state").begin("one")
