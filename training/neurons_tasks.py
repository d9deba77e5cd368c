"""What each way to count cells is worth, on the same drawn slices.

Trains one small network for each task (a mask of all cells, the cells one by one, their
number alone) from the same pictures, starts and steps, and judges their counts and places
on slices that none of them saw, beside the mean count of the training pictures. Each
training's result is kept, so a stopped script goes on. Writes a page.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from drawn_slices import EXAM, EXAM_SEEDS, drawn_slice
from making import ROOT, comparison_options, speaker
from neurons_tasks_page import Size, page
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from segmetry.evaluate import dice, judge_detection, match_objects, object_centres
from segmetry.evaluate.assignment import assign
from segmetry.image import Image
from segmetry.learn.crops import Geometry
from segmetry.learn.densities import found_and_true
from segmetry.learn.examples import Example
from segmetry.learn.fitting import fit
from segmetry.learn.judging import Answer, answers, network_of, pooled_cutoffs
from segmetry.learn.networks import SIZES
from segmetry.learn.plan import Plan, Schedule
from segmetry.learn.tasks import MIN_AREA, cut_objects, outputs_for
from segmetry.models.outputs import Cutoffs, density_spread
from segmetry.segment.objects import fill_holes, number_objects

TASKS = ("pixels", "objects", "counts")
SEEDS = range(10_000, 10_000 + 112)  # of slices; those of the exam are not among them
N_TRAINING, N_CHOOSING = 60, 12
STEPS, SIDE, BATCH = 1000, 96, 8
DISTANCE_PX = 15.0  # of a found from a true centre
_LEAST_IOU = 0.4


@dataclass(frozen=True)
class Parts:
    """Slices that teach, those on which cutoffs are chosen, and those that judge."""

    training: Sequence[Example]
    choosing: Sequence[Example]
    judging: Sequence[Example]


def main() -> None:
    options = asked()
    torch.set_num_threads(1)
    say = speaker()
    parts = slices(options.slices)
    results: dict[str, list[dict[str, Any]]] = {task: [] for task in TASKS}
    for seed in range(options.starts):
        for task in TASKS:
            one = result(task, seed, parts, out=options.out, steps=options.steps)
            results[task].append(one)
            say(f"start {seed}, {task}: {one['cpu_s'] / 60:.1f} minutes")
    known = [n_cells(one) for one in parts.training]
    size = Size(
        n_training=len(parts.training),
        n_choosing=len(parts.choosing),
        n_judging=len(parts.judging),
        steps=options.steps,
        side=SIDE,
        batch=BATCH,
    )
    text = page(results, baseline=float(np.mean(known)), size=size)
    options.write.write_text(text, encoding="utf-8")
    say(f"{options.write.name} is written")


def asked() -> argparse.Namespace:
    parser = comparison_options(__doc__, "neurons_tasks")
    parser.add_argument("--steps", type=int, default=STEPS, help="of each training")
    parser.add_argument("--slices", type=int, default=len(SEEDS), help="in all")
    parser.add_argument(
        "--write", type=Path, default=ROOT / "docs" / "neurons_tasks.md", help="page"
    )
    return parser.parse_args()


def slices(n: int = len(SEEDS)) -> Parts:
    """Draw the slices: of the kind of the exam, but none of the exam's own."""
    seeds = SEEDS[:n]
    if set(seeds) & set(EXAM_SEEDS):
        msg = "slices of the exam must not be looked at here"
        raise ValueError(msg)
    examples = []
    for seed in seeds:
        drawn = drawn_slice(seed, settings=EXAM)
        axes = "YXC" if drawn.pixels.ndim == 3 else "YX"
        image = Image(drawn.pixels, axes=axes)
        examples.append(Example(image, drawn.labels, name=f"{seed}", group=f"{seed}"))
    shares = N_TRAINING / len(SEEDS), (N_TRAINING + N_CHOOSING) / len(SEEDS)
    first, second = (round(share * n) for share in shares)
    return Parts(examples[:first], examples[first:second], examples[second:])


def plan_for(task: str, seed: int, parts: Parts, *, steps: int) -> Plan:
    """Return the plan of a training; but for the maps, it is the same for all tasks."""
    outputs = outputs_for(task, parts.training)
    return Plan(
        architecture={
            "kind": "unet",
            "channels": 3,
            "outputs": list(outputs),
            **SIZES["small"],
        },
        diameter=None,
        side=SIDE,
        batch=BATCH,
        schedule=Schedule(steps=steps, warm_up=min(50, steps // 10), validate_every=steps),
        # A density that is enlarged with its picture would tell of more objects.
        geometry=replace(Geometry(), octaves=0.0),
        precision="float32",
        seed=seed,
    )


def result(task: str, seed: int, parts: Parts, *, out: Path, steps: int) -> dict[str, Any]:
    """Train and judge once, or read what an earlier run of the script found."""
    place = out / f"{task}_{seed}_{steps}_{len(parts.judging)}.json"
    if place.exists():
        return dict(json.loads(place.read_text(encoding="utf-8")))
    out.mkdir(parents=True, exist_ok=True)
    begun = time.process_time()
    plan = plan_for(task, seed, parts, steps=steps)
    checkpoint = place.with_suffix(".state")
    state = fit(parts.training, parts.choosing[:1], plan, checkpoint=checkpoint)
    network = network_of(plan.architecture, state.averaged.state_dict())

    def answered(examples: Sequence[Example]) -> list[Answer]:
        how = {"channels": 3, "diameter": None, "task": plan.task}
        return list(answers(network, examples, **how))

    cutoffs = pooled_cutoffs(answered(parts.choosing))
    rows = [judged(one, cutoffs) for one in answered(parts.judging)]
    found = {
        "cpu_s": time.process_time() - begun,  # of a stopped training, since it went on
        "cutoffs": cutoffs.as_json(),
        "pictures": rows,
    }
    place.write_text(json.dumps(found), encoding="utf-8")
    checkpoint.unlink(missing_ok=True)
    return found


def judged(answer: Answer, cutoffs: Cutoffs) -> dict[str, float]:
    """Return the counts of a slice, and where the task tells places, how right they are."""
    one, maps = answer.example, answer.maps
    spread = density_spread(answer.task.outputs)
    if spread is not None:
        found, true = found_and_true(maps, one, spread=spread)
        return {"found": found, "true": true}
    if answer.task.has_flows:
        labels = cut_objects(maps, one, cutoffs=cutoffs)
    else:
        mask = fill_holes(maps.foreground > cutoffs.foreground)
        labels = number_objects(mask, min_area=MIN_AREA)
    centres = judge_detection(
        object_centres(labels),
        object_centres(one.labels),
        max_distance=DISTANCE_PX,
        matches=match_objects(labels, one.labels),
    )
    return {
        "found": centres["n_predicted"],
        "true": centres["n_true"],
        "f1_centres": centres["f1_centres"],
        "f1_masks": centres["f1_40"],
        "f1_boxes": box_f1(labels, one.labels),
        "dice": dice(maps.foreground > cutoffs.foreground, one.labels > 0),
    }


def n_cells(one: Example) -> int:
    """Return the number of cells in a slice."""
    return int(np.count_nonzero(np.unique(one.labels)))


def box_f1(found: NDArray[np.uint32], true: NDArray[np.uint32]) -> float:
    """Return the F1 of bounding boxes, one to one at an IoU over 0.4."""
    ours, theirs = boxes(found), boxes(true)
    if not (len(ours) and len(theirs)):
        return float(len(ours) == len(theirs))
    low = np.maximum(ours[:, None, :2], theirs[None, :, :2])
    high = np.minimum(ours[:, None, 2:], theirs[None, :, 2:])
    both = np.prod(np.maximum(high - low, 0), axis=-1)
    areas = [np.prod(one[:, 2:] - one[:, :2], axis=-1) for one in (ours, theirs)]
    iou = both / (areas[0][:, None] + areas[1][None] - both)
    near = np.nonzero(iou > _LEAST_IOU)
    hits = int(assign(*near, 1 - iou[near]).sum()) if len(near[0]) else 0
    return 2 * hits / (len(ours) + len(theirs))


def boxes(labels: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Return first and stop row and column of each object, as top, left, bottom, right."""
    found = [box for box in find_objects(labels.astype(np.int64)) if box is not None]
    corners = [[*(s.start for s in box), *(s.stop for s in box)] for box in found]
    return np.array(corners, np.float64).reshape(-1, 4)


if __name__ == "__main__":
    main()
