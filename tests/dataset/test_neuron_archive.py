import numpy as np
import pytest

from segmetry.dataset.neuron_archive import (
    BY_HAND,
    TEST_PICTURES,
    animal_of,
    read_neuron_archive,
    section_of,
)
from segmetry.errors import DatasetError
from segmetry.io import write_png

LEARNED = ("Mar24bS1C2R3_LHl_200x_y", "MAR44S4C3R2_VLPAGL_20_o", "Mar30bS1C1R1_DMl_200x_y")
TESTED = ("Mar24bS1C2R1_DMl_200x_y", "39_y")


def write_archive(folder, names, *, inner=True, ending="png"):
    for outer, part in (("all_images", "images"), ("all_masks", "masks")):
        place = folder / outer / part if inner else folder / outer
        place.mkdir(parents=True)
        for name in names:
            write_png(place / f"{name}.{ending}", np.eye(8, dtype=np.uint8) * 255)
    return folder


def stems(pairing):
    return {pair.stem for pair in pairing.pairs}


def test_70_pictures_are_the_test_and_31_were_annotated_by_hand():
    assert len(TEST_PICTURES) == 70
    assert len(BY_HAND) == 31
    assert {"39_y", "mar24bs1c2r1_dml_200x_y", "mar55s1c5r3_dmr_20_o"} <= TEST_PICTURES
    assert "mar37s1c2r1_dml_200x_o" in BY_HAND - TEST_PICTURES


@pytest.mark.parametrize("inner", [True, False])
def test_the_archive_is_parted_as_published(tmp_path, inner):
    archive = read_neuron_archive(write_archive(tmp_path, [*LEARNED, *TESTED], inner=inner))
    assert stems(archive.learned_from) == set(LEARNED)
    assert stems(archive.test) == set(TESTED)


def test_names_tell_animals_and_sections_whatever_their_letters():
    assert animal_of("Mar24bS1C2R3_LHl_200x_y") == animal_of("MAR24S2C1R1_DML_20_o")
    assert animal_of("Mar2bS1C2R3_LHl") != animal_of("Mar24bS1C2R3_LHl")
    assert section_of("Mar24bS1C2R3_LHl_200x_y") != section_of("Mar24bS1C2R1_LHl_200x_y")
    assert (animal_of("39_y"), section_of("39_y")) == ("39_y", "39_y")


def test_the_published_test_shares_animals_and_sections_with_what_is_learned_from(tmp_path):
    """The pictures that the published labels name, and one section more."""
    names = [
        *("Mar24bS1C2R3_LHl_200x_y", "Mar23bS1C2R3_VLPAGr_200x_y"),
        *("Mar24bS1C2R1_DMl_200x_y", "Mar24bS1C2R2_LHl_200x_y"),
        *("Mar23bS1C6R1_DMr_200x_y", "39_y", "Mar24bS1C2R1_DMr_200x_y"),
    ]
    archive = read_neuron_archive(write_archive(tmp_path, names))
    assert len(archive.test.pairs) == 4
    assert archive.n_shared(animal_of) == 3
    assert archive.n_shared(section_of) == 1


def test_another_folder_is_refused_with_what_was_expected(tmp_path):
    with pytest.raises(DatasetError, match="expected the folder all_images/images in it"):
        read_neuron_archive(tmp_path)
    (tmp_path / "all_images").mkdir()
    with pytest.raises(DatasetError, match="all_masks/masks"):
        read_neuron_archive(tmp_path)


def test_an_archive_of_test_pictures_alone_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="All pictures in .* are test pictures"):
        read_neuron_archive(write_archive(tmp_path, TESTED))


def test_pictures_without_a_mask_are_told_of(tmp_path):
    folder = write_archive(tmp_path, [*LEARNED, *TESTED])
    (folder / "all_masks" / "masks" / f"{LEARNED[0]}.png").unlink()
    archive = read_neuron_archive(folder)
    assert [path.stem for path in archive.learned_from.images_alone] == [LEARNED[0]]
    assert LEARNED[0] not in stems(archive.learned_from)
