import pytest

from segmetry import learn


def test_the_public_names_are_there():
    assert learn.__all__ == ["Outcome", "TrainingOptions", "train_model"]
    assert learn.TrainingOptions().seed == 0


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'train'"):
        learn.train  # noqa: B018
