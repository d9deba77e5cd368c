import re
from pathlib import Path

import pytest

from segmetry import learn


def test_the_public_names_are_there():
    assert learn.__all__ == ["Outcome", "TrainingOptions", "train_model"]
    assert learn.TrainingOptions().seed == 0


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'train'"):
        learn.train  # noqa: B018


def test_the_table_of_the_package_names_every_module_once():
    modules = {path.stem for path in Path(learn.__file__).parent.glob("*.py")} - {
        "__init__"
    }
    table = learn.__doc__[: learn.__doc__.index("The public names")]
    named = re.findall(r"`(\w+)`", table[table.index("====") :])
    rows = [name for name in dict.fromkeys(named) if name in modules]
    assert sorted(rows) == sorted(modules)
