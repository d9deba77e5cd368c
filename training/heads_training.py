"""Training the same network with other heads: other maps, and other ways to cut them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from hills import BORDER_PX, object_targets
from numpy.typing import NDArray
from torch import Tensor, nn

from segmetry.evaluate import dsb_score, match_objects
from segmetry.learn.augment import Appearance
from segmetry.learn.batches import Batches
from segmetry.learn.checkpoint import State
from segmetry.learn.crops import Geometry
from segmetry.learn.cutoffs import best_cutoffs
from segmetry.learn.examples import Example, Prepared, prepare
from segmetry.learn.judging import Held
from segmetry.learn.loop import Aim, train
from segmetry.learn.networks import SIZES, build
from segmetry.learn.plan import Schedule

DIAMETER = 24.0  # pixels, to which the typical object of each picture is brought
SIDE, BATCH = 128, 8
PRECISION = torch.bfloat16


@dataclass(frozen=True, kw_only=True, eq=False)
class Cropped:
    """What is known of a crop's objects.

    Parameters
    ----------
    maps : ndarray of float32, shape (Y, X, 3)
        Foreground, border and distance, interpolated.
    places : ndarray of float32, shape (Y, X, 2)
        Row and column of the picture that each pixel shows.
    seen : ndarray, shape (Y, X) or (Y, X, C)
        What the head asked of the picture, from the nearest pixel.
    """

    maps: NDArray[np.float32]
    places: NDArray[np.float32]
    seen: NDArray[Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Head:
    """What a network is to tell of each pixel, and how that becomes objects.

    Parameters
    ----------
    name : str
    n_maps : int
    seen : callable
        Of a picture's labels (Y, X): what crops of it need beside the usual maps.
    targets : callable
        Of a `Cropped`: wanted maps (Y, X, K).
    loss : callable
        Of logits, targets (N, K, Y, X) and weights (N, 1, Y, X).
    begin : callable
        Of logits (Y', X', K) at the scale of training and the picture: what all options
        share on the way to objects.
    cut : callable
        Of that, the picture, and options: labels (Y, X).
    options : dataclass
        With which the choice begins.
    choices : mapping
        Values tried for each option.
    """

    name: str
    n_maps: int
    seen: Callable[[NDArray[np.uint32]], NDArray[Any]]
    targets: Callable[[Cropped], NDArray[np.float32]]
    loss: Callable[[Tensor, Tensor, Tensor], Tensor]
    begin: Callable[[NDArray[np.float32], Example], Any]
    cut: Callable[[Any, Example, Any], NDArray[np.uint32]]
    options: Any
    choices: Mapping[str, Sequence[float]]


@dataclass(frozen=True, kw_only=True, eq=False)
class HeadBatches:
    """The batches of every head: the same crops, each with the maps that its head wants.

    Lengths and directions change when a picture is turned and scaled, so they cannot be
    interpolated like a foreground. Row, column and number of the picture therefore ride
    along as maps, and the wanted maps are made from what lies at those places.

    Parameters
    ----------
    crops : Batches
        Of pictures as `located` gives them.
    seen : sequence of ndarray
        What the head sees of each picture.
    targets : callable
        That of the head.
    """

    crops: Batches
    seen: Sequence[NDArray[Any]]
    targets: Callable[[Cropped], NDArray[np.float32]]

    @property
    def seed(self) -> int:
        """That of the crops."""
        return self.crops.seed

    def batch(self, number: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return pictures (N, C, Y, X), targets (N, K, Y, X) and weights (N, 1, Y, X)."""
        pictures, maps, weight = self.crops.batch(number)
        rows = maps.permute(0, 2, 3, 1).numpy()
        targets = np.stack([self.targets(self._cropped(one)) for one in rows])
        return pictures, torch.from_numpy(targets).permute(0, 3, 1, 2), weight

    def _cropped(self, values: NDArray[np.float32]) -> Cropped:
        places = values[..., 3:5]
        row, column = np.moveaxis(np.rint(places).astype(np.intp), -1, 0)
        picture = self.seen[round(float(values[0, 0, 5]))]
        return Cropped(maps=values[..., :3], places=places, seen=picture[row, column])


def located(pictures: Sequence[Example]) -> list[Prepared]:
    """Make pictures ready with border, distance, row, column and number as more maps."""
    answer = []
    for number, source in enumerate(prepare(pictures, channels=3, diameter=DIAMETER)):
        places = np.indices(source.weight.shape, np.float32)
        numbers = np.full((1, *source.weight.shape), number, np.float32)
        added = np.moveaxis(np.concatenate([places, numbers]), 0, -1)
        border_px = max(BORDER_PX / source.zoom, 1.0)
        maps = object_targets(labels_of(source), border_px)
        maps = np.concatenate([maps, added], axis=-1, dtype=np.float32)
        answer.append(replace(source, targets=maps))
    return answer


def labels_of(source: Prepared) -> NDArray[np.uint32]:
    """Return the labels of a picture at the size from which its crops are drawn."""
    return nearest(source.example.labels, source.weight.shape)


def nearest(labels: NDArray[np.uint32], shape: tuple[int, ...]) -> NDArray[np.uint32]:
    """Return labels with another number of pixels, each from the nearest one."""
    rows, columns = (
        ((np.arange(after) + 0.5) * before / after).astype(np.intp)
        for after, before in zip(shape, labels.shape, strict=True)
    )
    return labels[np.ix_(rows, columns)]


def trained(
    head: Head,
    sources: Sequence[Prepared],
    seen: Sequence[NDArray[Any]],
    *,
    steps: int,
    seed: int,
) -> nn.Module:
    """Train the small network with a head; nothing is chosen on the way.

    Parameters
    ----------
    head : Head
    sources : sequence of Prepared
        From `located`.
    seen : sequence of ndarray
        What the head sees of each.
    steps, seed : int
    """
    crops = Batches(
        sources=sources,
        channels=3,
        size=BATCH,
        side=SIDE,
        geometry=Geometry(),
        appearance=Appearance(),
        seed=seed,
    )
    batches = HeadBatches(crops=crops, seen=seen, targets=head.targets)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        names = [f"map {k}" for k in range(head.n_maps)]
        network = build({"kind": "unet", "channels": 3, "outputs": names, **SIZES["small"]})
    schedule = Schedule(steps=steps, validate_every=steps, learning_rate=3e-3, warm_up=50)
    aim = Aim(loss=head.loss, score=lambda _: 0.0, precision=PRECISION)
    state = State.new(network, weight_decay=schedule.weight_decay)
    train(state, batches, schedule, aim)
    return state.averaged.eval().to(memory_format=torch.channels_last)


@torch.no_grad()
def logits_of(network: nn.Module, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the logits (Y, X, K) of a picture (Y, X, C)."""
    height, width = values.shape[:2]
    below, right = -height % network.multiple, -width % network.multiple
    padded = np.pad(values, ((0, below), (0, right), (0, 0)), mode="symmetric")
    batch = torch.from_numpy(padded).permute(2, 0, 1)[None]
    with torch.autocast("cpu", dtype=PRECISION):
        answer = network(batch.to(memory_format=torch.channels_last))
    answer = answer[0, :, :height, :width].float().permute(1, 2, 0)
    return np.ascontiguousarray(answer.numpy())


def judged(
    head: Head, network: nn.Module, *, tuning: Sequence[Held], held: Sequence[Held]
) -> dict[str, Any]:
    """Choose the options on some pictures, and score others with them.

    Returns
    -------
    dict
        Score of each picture, the options, and CPU seconds of network and cutting.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # threads that wait for each other would count as work
    begun = [head.begin(logits_of(network, one.values), one.example) for one in tuning]

    def score(options: Any) -> float:
        return float(
            np.mean(
                [
                    score_of(head.cut(its, one.example, options), one.example)
                    for its, one in zip(begun, tuning, strict=True)
                ]
            )
        )

    options, _ = best_cutoffs(score, start=head.options, choices=head.choices)
    scores, network_s, cutting_s = [], 0.0, 0.0
    for one in held:
        started = time.process_time()
        logits = logits_of(network, one.values)
        told = time.process_time()
        found = head.cut(head.begin(logits, one.example), one.example, options)
        cutting_s += time.process_time() - told
        network_s += told - started
        scores.append(score_of(found, one.example))
    torch.set_num_threads(before)
    return {
        "scores": scores,
        "options": asdict(options),
        "network_s": network_s,
        "cutting_s": cutting_s,
    }


def score_of(found: NDArray[np.uint32], example: Example) -> float:
    return dsb_score(match_objects(found, example.labels))
