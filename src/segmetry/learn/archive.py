"""Training on the archive Fluorescent Neuronal Cells, as published or by animal."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from segmetry.dataset import Pair, Pairing, read_pair
from segmetry.dataset.neuron_archive import (
    ARTEFACT_CROPS,
    BY_HAND,
    N_LEARNED_FROM,
    TEST_PICTURES,
    NeuronArchive,
    animal_of,
    read_neuron_archive,
    section_of,
)
from segmetry.evaluate import (
    evaluate_set,
    judge_detection,
    match_objects,
    object_centres,
)
from segmetry.learn.annotated import Annotated, annotated
from segmetry.learn.options import OURS, PUBLISHED
from segmetry.learn.recipes import NEURONS_2021, oversampled
from segmetry.models import Card, Score
from segmetry.models.segmenter import NetworkSegmenter

__all__ = ["TEST", "archive_examples", "open_archive", "with_test_scores"]

TEST = "the published test pictures"  # a group of scores on a model's card

_CROPS_A_PICTURE = 12
_DISTANCE_PX, _DISTANCE_UM = 50.0, 15.75  # of a found from a true centre, as published
_TOLD = (
    *("f1_centres_pooled", "precision_centres_pooled", "recall_centres_pooled"),
    *("f1_40_pooled", "count_mae", "count_medae", "count_bias"),
)


def open_archive(folder: Path, recipe: str) -> tuple[NeuronArchive, str]:
    """Find the pictures of the archive, and say how they will be parted.

    Parameters
    ----------
    folder : Path
    recipe : {"neurons-2021", "neurons-by-animal"}
        By animal, the published test pictures are parted like the others.

    Returns
    -------
    NeuronArchive
    str
        A sentence.

    Raises
    ------
    DatasetError
        If it is not the archive, or has nothing to learn from.
    """
    archive = read_neuron_archive(folder)
    n_test = len(archive.test.pairs)
    if recipe == OURS:
        pairs = (*archive.learned_from.pairs, *archive.test.pairs)
        whole = replace(archive.learned_from, pairs=tuple(sorted(pairs, key=_stem)))
        said = (
            f"Whole animals are held out of all {len(pairs)} pictures, so the scores tell "
            "how it does on animals that it has not seen."
        )
        return NeuronArchive(whole, Pairing(())), said
    if not n_test:
        said = (
            "None of the published test pictures is there, so none is held out as a test."
        )
        return archive, said
    animals, sections = (archive.n_shared(part) for part in (animal_of, section_of))
    said = (
        f"{n_test} of the {len(TEST_PICTURES)} published test pictures are held out to the "
        f"end. {animals} of them are of animals that the network learns from, {sections} "
        "of the same sections, so their scores do not tell how it does on a new animal; "
        f"--recipe {OURS} holds out whole animals, with our usual network."
    )
    return archive, said


def _stem(pair: Pair) -> str:
    return pair.stem


def archive_examples(archive: NeuronArchive, recipe: str, *, task: str) -> Annotated:
    """Read the pictures that are learned from, in groups by animal.

    Parameters
    ----------
    archive : NeuronArchive
    recipe : {"neurons-2021", "neurons-by-animal"}
        As published, crops of pictures that were annotated by hand, and those with
        artefacts, are drawn more often.
    task : {"objects", "pixels", "counts"}

    Returns
    -------
    Annotated

    Raises
    ------
    DatasetError
        If no pair can be learned from.
    """
    read = annotated(archive.learned_from, groups=_animals, task=task)
    if recipe != PUBLISHED:
        return read
    artefacts = _artefacts(archive)
    hard = tuple(
        oversampled(
            one,
            NEURONS_2021,
            by_hand=one.name.casefold() in BY_HAND,
            artefacts=artefacts.get(one.name, ()),
        )
        for one in read.examples
    )
    return replace(read, examples=hard)


def _animals(names: Sequence[str]) -> list[str]:
    return [animal_of(name) for name in names]


def _artefacts(archive: NeuronArchive) -> dict[str, list[int]]:
    """Return the crops with artefacts by picture: they are known by number alone."""
    names = sorted(pair.image_path.name for pair in archive.learned_from.pairs)
    if len(names) != N_LEARNED_FROM:
        return {}
    stems = {pair.image_path.name: pair.stem for pair in archive.learned_from.pairs}
    found: dict[str, list[int]] = {}
    for number in ARTEFACT_CROPS:
        picture, place = divmod(number, _CROPS_A_PICTURE)
        found.setdefault(stems[names[picture]], []).append(place)
    return found


def with_test_scores(card: Card, model: Path, test: Pairing) -> Card:
    """Return a card with the scores on the published test pictures, each judged once.

    Parameters
    ----------
    card : Card
    model : Path
        The model's file, with that card.
    test : Pairing

    Returns
    -------
    Card
        Centres are matched one to one within 50 pixels as published, or 15.75 micrometres
        where the pixel size is known.
    """
    segmenter = NetworkSegmenter(model=str(model), precision="fp32")
    judged = {}
    for pair in test.pairs:
        picture = read_pair(pair)
        size = picture.image.pixel_size
        distance = _DISTANCE_PX if size is None else _DISTANCE_UM / size.in_um.x
        found = segmenter(picture.image).data
        judged[pair.stem] = judge_detection(
            object_centres(found),
            object_centres(picture.labels),
            max_distance=distance,
            matches=match_objects(found, picture.labels),
        )
    clusters = {name: animal_of(name) for name in judged}
    scores = evaluate_set(judged, task="detection", clusters=clusters).scores
    told = {name: Score(**scores[name].as_json()) for name in _TOLD if name in scores}
    return card.model_copy(update={"scores": {**card.scores, TEST: told}})
