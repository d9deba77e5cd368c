import numpy as np
import pytest
import tifffile

from segmetry.dataset.predictions import (
    Prediction,
    find_predictions,
    match_names,
    read_counts,
    read_map,
)
from segmetry.errors import DatasetError, MaskError
from segmetry.image import Image, Labels
from segmetry.io import write_labels, write_png, write_probability

SQUARES = np.kron([[1, 0, 2], [0, 3, 0]], np.ones((4, 4))).astype(np.uint32)


def save_labels(path, data=SQUARES):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_labels(path, Labels(data, Image(np.zeros(data.shape, np.uint8))))
    return path


def save_map(path, values):
    write_probability(path, np.asarray(values, np.float32))
    return path


def test_a_folder_of_files_gives_a_prediction_for_each(tmp_path):
    save_labels(tmp_path / "a.tif")
    write_png(tmp_path / "b.png", SQUARES.astype(np.uint8))
    (tmp_path / "notes.txt").write_text("no picture")
    found = find_predictions(tmp_path)
    assert found == {
        "a": Prediction(tmp_path / "a.tif"),
        "b": Prediction(tmp_path / "b.png"),
    }


def test_the_folder_of_a_run_gives_labels_and_probabilities(tmp_path):
    for name in ("a", "b"):
        save_labels(tmp_path / name / "labels.tif")
    save_map(tmp_path / "b" / "foreground.tif", np.full(SQUARES.shape, 0.5))
    write_png(tmp_path / "overlay.png", SQUARES.astype(np.uint8))
    found = find_predictions(tmp_path)
    assert sorted(found) == ["a", "b"]
    assert found["a"].probability is None
    assert found["b"].probability == tmp_path / "b" / "foreground.tif"


def test_a_file_is_a_prediction_of_its_own(tmp_path):
    path = save_labels(tmp_path / "found.tif")
    assert find_predictions(path) == {"found": Prediction(path)}


def test_folders_that_hold_no_prediction_are_refused(tmp_path):
    with pytest.raises(DatasetError, match="is not there"):
        find_predictions(tmp_path / "none")
    with pytest.raises(DatasetError, match="neither the results of a run nor"):
        find_predictions(tmp_path)


def test_two_files_of_one_name_are_refused(tmp_path):
    save_labels(tmp_path / "a.tif")
    write_png(tmp_path / "a.png", SQUARES.astype(np.uint8))
    with pytest.raises(DatasetError, match=r"a.png and a.tif have the same name"):
        find_predictions(tmp_path)


@pytest.mark.parametrize(
    ("names", "others", "expected"),
    [
        (["a", "b"], ["b", "a", "c"], {"a": "a", "b": "b"}),
        (["Cell 1"], ["cell 1"], {"Cell 1": "cell 1"}),
        (["cell_7"], ["cell_7_mask"], {"cell_7": "cell_7_mask"}),
        (["mask-cell_7"], ["Cell_7 labels"], {"mask-cell_7": "Cell_7 labels"}),
        (["cp_7"], ["7"], {}),
        (["a", "a_mask"], ["a", "a_labels"], {"a": "a", "a_mask": "a_labels"}),
        (["mask"], ["labels"], {}),
        (["é"], ["é"], {"é": "é"}),
        (["01_manual1"], ["01_test_mask"], {"01_manual1": "01_test_mask"}),
        (["a_test"], ["a_training", "a_test"], {"a_test": "a_test"}),
        (["a_test"], ["a_training"], {}),
        (["a_train"], ["training_a"], {"a_train": "training_a"}),
        (["a"], ["a_test", "a_training"], {}),
        (["a_test", "a_train"], ["a"], {}),
        (["a"], ["b"], {}),
        ([], [], {}),
    ],
)
def test_names_match_but_for_capitals_and_words_that_say_what_a_file_is(
    names, others, expected
):
    assert match_names(names, others) == expected


@pytest.mark.parametrize("seed", range(10))
def test_no_name_is_matched_twice(seed):
    rng = np.random.default_rng(seed)
    words = ["", "_mask", "_label", "_img"]
    names, others = (
        sorted({f"p{k}{words[rng.integers(4)]}" for k in rng.integers(0, 9, 12)})
        for _ in range(2)
    )
    found = match_names(names, others)
    assert len(set(found.values())) == len(found)
    assert set(names) & set(others) <= set(found)


def test_labels_have_no_probability(tmp_path):
    foreground, values = read_map(Prediction(save_labels(tmp_path / "a.tif")))
    assert np.array_equal(foreground, SQUARES > 0)
    assert values is None


def test_fractions_are_probabilities_and_half_is_foreground(tmp_path):
    values = np.linspace(0, 1, 12).reshape(3, 4).astype(np.float32)
    values[0, 0] = 0.5
    foreground, read = read_map(Prediction(save_map(tmp_path / "a.tif", values)))
    assert np.array_equal(foreground, values >= 0.5)
    assert np.array_equal(read, values)


def test_a_map_of_an_empty_field_is_one_of_probabilities(tmp_path):
    empty = save_map(tmp_path / "a.tif", np.zeros((3, 4), np.float32))
    foreground, values = read_map(Prediction(empty))
    assert not foreground.any()
    assert values is not None


def test_the_maps_of_a_run_go_with_its_labels(tmp_path):
    values = np.full(SQUARES.shape, 0.9, np.float32)
    run = Prediction(
        save_labels(tmp_path / "labels.tif"), save_map(tmp_path / "map.tif", values)
    )
    foreground, read = read_map(run)
    assert np.array_equal(foreground, SQUARES > 0)
    assert (read == np.float32(0.9)).all()


@pytest.mark.parametrize(("kind", "largest"), [(np.uint8, 255), (np.uint16, 65535)])
def test_whole_numbers_are_probabilities_only_if_one_says_so(tmp_path, kind, largest):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.array([[0, largest // 5], [largest, 1]], kind))
    prediction = Prediction(path)
    foreground, values = read_map(prediction, probability=True)
    assert foreground.tolist() == [[False, False], [True, False]]
    assert values.ravel() == pytest.approx([0, 0.2, 1, 1 / largest], abs=1e-6)
    assert read_map(prediction)[1] is None


def test_probabilities_in_whole_numbers_are_no_labels_and_the_error_says_how(tmp_path):
    y, x = np.mgrid[:40, :50]
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, (127 + 127 * np.sin(x / 8) * np.cos(y / 6)).astype(np.uint8))
    with pytest.raises(MaskError, match=r"photograph .* say --probability$"):
        read_map(Prediction(path))
    assert read_map(Prediction(path), probability=True)[1] is not None


def test_values_that_are_no_probabilities_are_refused(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.array([[0.5, 7.25]], np.float32))
    with pytest.raises(DatasetError, match=r"0.5 to 7.25; probabilities are 0 to 1"):
        read_map(Prediction(path))
    write_png(tmp_path / "b.png", np.arange(27, dtype=np.uint8).reshape(3, 3, 3))
    with pytest.raises(DatasetError, match="several channels"):
        read_map(Prediction(tmp_path / "b.png"), probability=True)


def test_counts_are_read_by_the_name_without_ending(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text("file,count\na.png,3\nb c.ome.tif,0\nday 1.5,7\ngap,\n")
    assert read_counts(path) == {"a": 3, "b c": 0, "day 1.5": 7}


def test_the_table_of_a_run_holds_counts(tmp_path):
    path = tmp_path / "images.csv"
    path.write_text("image,status,n_objects\na,done,12\nb,failed,\n")
    assert read_counts(path) == {"a": 12}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("image,number\na,1\n", "'count' or 'n_objects'; it has image, number"),
        ("title,count\na,1\n", "needs the columns 'image'"),
        ("image,count\na,1\na,2\n", "names a twice"),
        ("image,count\na,-1\n", "the count '-1' for a; a count is a number from 0 up"),
        ("image,count\na,many\n", "the count 'many'"),
        ("image,count\na,inf\n", "the count 'inf'"),
        ("", "is empty"),
    ],
)
def test_tables_that_hold_no_counts_are_refused(tmp_path, text, said):
    (tmp_path / "counts.csv").write_text(text)
    with pytest.raises(DatasetError, match=said):
        read_counts(tmp_path / "counts.csv")


def test_counts_of_a_spreadsheet_with_semicolons_are_read(tmp_path):
    (tmp_path / "counts.csv").write_text("image;count\na.tif;3\n")
    assert read_counts(tmp_path / "counts.csv") == {"a": 3}


def test_a_table_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DatasetError, match=r"Cannot read the sheet none\.csv"):
        read_counts(tmp_path / "none.csv")
