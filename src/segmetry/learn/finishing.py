"""From a trained network to a model file: cutoffs, confidence, lighter variant, scores.

Everything is chosen and scored with the model as users run it: through OpenVINO, at the
scale that it finds by itself, on pictures that the network was not trained on.
"""

import contextlib
import itertools
import platform
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from segmetry.errors import SegmetryWarning
from segmetry.evaluate import (
    Evaluation,
    brier_score,
    dsb_score,
    evaluate_set,
    judge_objects,
    match_objects,
)
from segmetry.image import Image, Labels
from segmetry.learn.count_finishing import count_fidelity, with_count_scores
from segmetry.learn.cutoffs import (
    believed,
    best_cutoffs,
    fitted_confidence,
    held_out_confidence,
    matched_objects,
)
from segmetry.learn.examples import Example
from segmetry.learn.export import onnx_bytes, quantized, weights_bytes
from segmetry.learn.judging import hold
from segmetry.learn.networks import build
from segmetry.learn.pixel_finishing import pixel_fidelity, with_pixel_choices
from segmetry.learn.plan import Plan
from segmetry.learn.tasks import cut_objects, task_of
from segmetry.models import Card, Score, Training, TrainingData, write_model
from segmetry.models.confidence import object_features
from segmetry.models.looks import SCALE_POWERS
from segmetry.models.network import Precision
from segmetry.models.outputs import Cutoffs
from segmetry.models.scale import resampled
from segmetry.models.segmenter import NetworkSegmenter
from segmetry.segment import Maps

__all__ = ["Origin", "finish", "model_files", "with_fidelity"]

_SAMPLES = 96  # crops from which the ranges of the lighter variant are taken
_SAMPLE_SIDE = 256
_SAMPLE_SCALES = (1.0, 0.5, 1.0, 0.25)  # in turn: pictures of objects are seen from far
_MOST_LOSS = 0.005  # of the score, that a lighter variant may cost
_LIGHTER: tuple[Precision, ...] = ("bf16", "int8")
_TOLD = ("dsb_score", "dsb_precision_50", "f1_50", "pq", "count_bias", "count_mae")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a model comes from, for its card.

    Parameters
    ----------
    name : str
    data : sequence of TrainingData
    commit : str
        State of the code.
    started_from : str or None
        Model whose weights the training started from.
    steps : int
    seconds : float
        Of training.
    precision : str
        Numbers in which it was trained.
    """

    name: str
    data: Sequence[TrainingData] = ()
    commit: str = ""
    started_from: str | None = None
    steps: int = 0
    seconds: float = 0.0
    precision: str = "float32"


@dataclass(frozen=True, eq=False)
class _Look:
    """A validation picture with its maps."""

    maps: Maps
    example: Example

    def objects(self, cutoffs: Cutoffs) -> NDArray[np.uint32]:
        return cut_objects(self.maps, self.example, cutoffs=cutoffs)


def finish(
    weights: Mapping[str, torch.Tensor],
    plan: Plan,
    validation: Sequence[Example],
    origin: Origin,
    *,
    training: Sequence[Example] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Card, dict[str, bytes]]:
    """Make a model of trained weights, with all that is chosen on validation pictures.

    Parameters
    ----------
    weights : mapping of str to Tensor
        As `State.best_weights`.
    plan : Plan
        Of the training.
    validation : sequence of Example
        Pictures that the network was not trained on.
    origin : Origin
    training : sequence of Example
        Pictures that it was trained on: the ranges of the lighter variant are taken from
        them, or without them from `validation`.
    tell : callable
        Gets a sentence now and then.

    Returns
    -------
    Card
    dict of str to bytes
        The other members of the model file; see `segmetry.models.write_model`.
    """
    files = model_files(weights, plan, training or validation)
    card = _first_card(plan, validation, origin)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{card.name}.segmodel")
        write_model(path, card, files)
        if card.task != "objects":
            of_pixels = partial(with_pixel_choices, task=plan.task)
            scored = with_count_scores if card.task == "counts" else of_pixels
            card = scored(card, path, validation, lighter=_LIGHTER, tell=tell)
            return card, _without_unfit(files, card)
        card, looks = _looked(card, files, path, validation, tell)
        card = _with_cutoffs(card, looks, tell)
        card = _with_confidence(card, looks, tell)
        write_model(path, card, files)
        full = _evaluated(path, validation, "fp32")
        fidelity = {kind: _loss(path, validation, kind, full) for kind in _LIGHTER}
    tell(f"dsb_score {full.scores['dsb_score'].value:.4f}; lighter variants: {fidelity}")
    scores = {"all": _told(full.scores)} | {
        name: _told(part) for name, part in full.groups.items() if name
    }
    return card.model_copy(update={"fidelity": fidelity, "scores": scores}), files


def with_fidelity(
    card: Card, files: Mapping[str, bytes], examples: Sequence[Example]
) -> tuple[Card, dict[str, bytes]]:
    """Check lighter variants anew, with weights that learned on after `finish`.

    Parameters
    ----------
    card : Card
    files : mapping of str to bytes
        As `model_files` gives them.
    examples : sequence of Example
        Pictures of the training will do.

    Returns
    -------
    Card
    dict of str to bytes
        Without an int8 variant that nobody would run.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{card.name}.segmodel")
        write_model(path, card, files)
        if card.task == "objects":
            full = _evaluated(path, examples, "fp32")
            fidelity = {str(kind): _loss(path, examples, kind, full) for kind in _LIGHTER}
        elif card.task == "counts":
            fidelity = count_fidelity(path, examples, lighter=_LIGHTER)
        else:
            fidelity = pixel_fidelity(path, examples, lighter=_LIGHTER)
    card = card.model_copy(update={"fidelity": fidelity})
    return card, _without_unfit(files, card)


def _without_unfit(files: Mapping[str, bytes], card: Card) -> dict[str, bytes]:
    """Return the members of a model file but for an int8 variant that nobody would run."""
    fits = card.fidelity["int8"]["passed"]
    return {name: one for name, one in files.items() if fits or name != "model_int8.onnx"}


def _looked(
    card: Card,
    files: Mapping[str, bytes],
    path: Path,
    validation: Sequence[Example],
    tell: Callable[[str], None],
) -> tuple[Card, list[_Look]]:
    """Look at the pictures with each way to find their scale, and keep the best."""
    found: list[tuple[float, Card, list[_Look]]] = []
    for power in SCALE_POWERS if card.scale == "match" else SCALE_POWERS[:1]:
        trial = card.model_copy(update={"cutoffs": {**card.cutoffs, "scale_power": power}})
        write_model(path, trial, files)
        segmenter = _segmenter(path)
        with _in_silence():
            looks = [_Look(segmenter.maps(one.image), one) for one in validation]
        found.append((_mean_score(looks, Cutoffs()), trial, looks))
        tell(f"scale by the power {power} of diameters: dsb_score {found[-1][0]:.4f}")
    return max(found, key=lambda one: one[0])[1:]


def _mean_score(looks: Sequence[_Look], cutoffs: Cutoffs) -> float:
    matched = (match_objects(look.objects(cutoffs), look.example.labels) for look in looks)
    return float(np.mean([dsb_score(matches) for matches in matched]))


def model_files(
    weights: Mapping[str, torch.Tensor], plan: Plan, examples: Sequence[Example]
) -> dict[str, bytes]:
    """Return the members of a model file but for its card.

    Parameters
    ----------
    weights : mapping of str to Tensor
        As `State.best_weights`.
    plan : Plan
        Of the training.
    examples : sequence of Example
        The ranges of the lighter variant are taken from these.

    Returns
    -------
    dict of str to bytes
        See `segmetry.models.write_model`.
    """
    network = build(plan.architecture).eval()
    network.load_state_dict(dict(weights))
    channels = int(plan.architecture["channels"])
    multiple = _multiple(network)
    content = onnx_bytes(
        network, channels=channels, multiple=multiple, classes=plan.task.has_classes
    )
    spread = examples[:: max(len(examples) // _SAMPLES, 1)]
    held = hold(spread, channels=channels, diameter=plan.diameter)
    scales = _SAMPLE_SCALES if plan.diameter else (1.0,)
    samples = [
        _sample(_seen_at(one.values, scale), multiple)
        for one, scale in zip(held, itertools.cycle(scales), strict=False)
    ]
    return {
        "weights.safetensors": weights_bytes(weights),
        "model.onnx": content,
        "model_int8.onnx": quantized(content, samples),
    }


def _seen_at(values: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    height, width = (max(round(side * scale), 32) for side in values.shape[:2])
    return resampled(values, (height, width))


def _sample(values: NDArray[np.float32], multiple: int) -> NDArray[np.float32]:
    """Return the middle of a picture as a batch of one."""
    top, left = (max(side - _SAMPLE_SIDE, 0) // 2 for side in values.shape[:2])
    part = values[top : top + _SAMPLE_SIDE, left : left + _SAMPLE_SIDE]
    below, right = (-side % multiple for side in part.shape[:2])
    padded = np.pad(part, ((0, below), (0, right), (0, 0)), mode="symmetric")
    return np.ascontiguousarray(np.moveaxis(padded, -1, 0)[None])


def _first_card(plan: Plan, validation: Sequence[Example], origin: Origin) -> Card:
    return Card(
        name=origin.name,
        created=datetime.now(UTC).date(),
        task=plan.task.name,
        architecture=dict(plan.architecture),
        channels=plan.architecture["channels"],
        outputs=tuple(plan.architecture["outputs"]),
        multiple=_multiple(build(plan.architecture)),
        diameter_px=plan.diameter,
        scale="native" if plan.diameter is None else "match",
        pixel_size_um=_typical_pixel_um([one.image for one in validation]),
        cutoffs={**Cutoffs().as_json(), "min_area": float(plan.min_area)},
        data=tuple(origin.data),
        training=Training(
            commit=origin.commit,
            seed=plan.seed,
            steps=origin.steps,
            seconds=round(origin.seconds, 1),
            device=platform.processor() or platform.machine(),
            precision=origin.precision,
            started_from=origin.started_from,
            options=plan.as_json(),
        ),
    )


def _with_cutoffs(card: Card, looks: Sequence[_Look], tell: Callable[[str], None]) -> Card:
    cutoffs, value = best_cutoffs(
        lambda tried: _mean_score(looks, tried), choices=task_of(card.outputs).choices
    )
    tell(f"cutoffs {cutoffs}: dsb_score {value:.4f}")
    chosen = {**card.cutoffs, **cutoffs.as_json()}
    return card.model_copy(update={"cutoffs": chosen})


def _with_confidence(
    card: Card, looks: Sequence[_Look], tell: Callable[[str], None]
) -> Card:
    cutoffs = Cutoffs(**{name: card.cutoffs[name] for name in Cutoffs().as_json()})
    features, matches, is_true = [], [], []
    for look in looks:
        found = look.objects(cutoffs)
        labels = Labels(found, look.example.image)
        maps = replace(look.maps, cutoff=cutoffs.foreground)
        features.append(object_features(labels, maps))
        its_matches, its_truth = matched_objects(found, look.example.labels)
        matches.append(its_matches)
        is_true.append(its_truth)
    groups = [look.example.group or look.example.name for look in looks]
    everyone = np.concatenate(is_true)
    if len(set(groups)) < 2 or everyone.all() or not everyone.any():
        return card  # nothing to learn from
    probabilities = held_out_confidence(features, is_true, groups)
    least, value = believed(matches, probabilities)
    brier = brier_score(np.concatenate(probabilities), everyone)
    constant = float(everyone.mean() * (1 - everyone.mean()))
    tell(
        f"confidence: Brier score {brier:.4f} (a constant one {constant:.4f}); objects "
        f"below {least} are dropped: dsb_score {value:.4f}"
    )
    return card.model_copy(
        update={
            "confidence": fitted_confidence(features, is_true),
            "cutoffs": {**card.cutoffs, "min_confidence": least},
        }
    )


def _evaluated(
    path: Path, validation: Sequence[Example], precision: Precision
) -> Evaluation:
    segmenter = _segmenter(path, precision)
    with _in_silence():
        judged = {
            one.name: judge_objects(match_objects(segmenter(one.image).data, one.labels))
            for one in validation
        }
    return evaluate_set(
        judged,
        task="objects",
        groups={one.name: one.kind for one in validation},
        clusters={one.name: one.group or one.name for one in validation},
    )


@contextlib.contextmanager
def _in_silence() -> Iterator[None]:
    """Leave what a model says of a picture to those who will use it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegmetryWarning)
        yield


def _loss(
    path: Path, validation: Sequence[Example], precision: Precision, full: Evaluation
) -> dict[str, bool | float]:
    """Return what lighter numbers cost of the score, and whether that is little."""
    light = _evaluated(path, validation, precision)
    loss = full.scores["dsb_score"].value - light.scores["dsb_score"].value
    return {"dsb_score_loss": round(loss, 5), "passed": loss <= _MOST_LOSS}


def _told(scores: Mapping[str, object]) -> dict[str, Score]:
    return {
        name: Score(**scores[name].as_json())  # type: ignore[attr-defined]
        for name in _TOLD
        if name in scores
    }


def _segmenter(path: Path, precision: Precision = "fp32") -> NetworkSegmenter:
    return NetworkSegmenter(model=str(path), precision=precision)


def _multiple(network: torch.nn.Module) -> int:
    return int(getattr(network, "multiple"))  # noqa: B009 - torch types it as a module


def _typical_pixel_um(images: Sequence[Image]) -> float | None:
    sizes = [one.pixel_size.in_um.x for one in images if one.pixel_size is not None]
    return float(np.median(sizes)) if sizes else None
