import numpy as np
import pytest

from segmetry.io.exchange import Annotation


def test_labels_are_kept_as_uint32_and_the_file_is_called_as_the_picture():
    one = Annotation("a", np.array([[0, 4]], np.int16))
    assert one.labels.dtype == np.uint32
    assert one.file_name == "a"
    assert Annotation("a", one.labels, "a.png").file_name == "a.png"


@pytest.mark.parametrize("labels", [np.zeros((2, 2)), np.zeros(3, int)])
def test_what_is_no_label_image_is_refused(labels):
    with pytest.raises(ValueError, match="labels must be whole numbers"):
        Annotation("a", labels)
