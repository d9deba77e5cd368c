import json

import numpy as np
import pandas as pd
import pytest

from segmetry.web.rows import rows_json


@pytest.mark.parametrize("seed", range(10))
def test_json_gives_every_number_back_to_the_last_bit(seed):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "label": rng.integers(1, 2**32, 20, dtype=np.uint32),
            "area_um2": rng.lognormal(0, 9, 20),
            "confidence": rng.random(20).astype(np.float32),
            "touches_edge": rng.random(20) < 0.5,
        }
    )
    told = json.loads(json.dumps(rows_json(table), allow_nan=False))
    again = pd.DataFrame(told["values"], columns=told["columns"]).astype(table.dtypes)
    pd.testing.assert_frame_equal(again, table, check_exact=True)


def test_what_is_missing_or_not_finite_is_null():
    told = rows_json(pd.DataFrame({"a": [1.0, np.nan, np.inf, -np.inf]}))
    assert told["values"] == [[1.0], [None], [None], [None]]


def test_words_that_are_missing_are_null():
    told = rows_json(pd.DataFrame({"gas": ["air", None], "n": [None, 2]}, dtype=object))
    assert told["values"] == [["air", None], [None, 2]]
    assert json.dumps(told, allow_nan=False)


def test_no_row_still_has_columns():
    told = rows_json(pd.DataFrame({"label": np.empty(0, np.uint32)}))
    assert told == {"columns": ["label"], "values": []}
