"""Which maps a network should give, and what flows are worth in the shipped model.

Trains the same network with a border and a distance, with the flows of Cellpose and with
the polygons of StarDist, and then cuts the maps of the shipped model `nuclei` in several
ways; all on its validation pictures.
Each training's result is kept, so a stopped script goes on. Writes docs/heads.md.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from comparison import Compared, cells, compared, kept, with_interval
from heads_flows import FLOWS
from heads_maps import MAPS
from heads_stars import STARS
from heads_training import BATCH, DIAMETER, SIDE, judged, labels_of, located, trained
from making import ROOT, speaker
from numpy.typing import NDArray
from scipy import ndimage
from sets import nuclei, summary
from skimage.feature import peak_local_max
from skimage.segmentation import watershed

from segmetry.dataset import split_by_group
from segmetry.evaluate import dsb_score, match_objects
from segmetry.learn.examples import Example
from segmetry.learn.judging import hold
from segmetry.models import find_model, read_model
from segmetry.models.outputs import cutoffs_of
from segmetry.models.segmenter import NetworkSegmenter
from segmetry.segment import Maps
from segmetry.segment.flows import follow_flows
from segmetry.segment.objects import fill_holes, number_objects

HEADS = {"maps": MAPS, "flows": FLOWS, "stars": STARS}
SEEDS = (0, 1, 2)
TUNING_SHARE = 0.1  # of the training pictures: options are chosen on them, for each head
MIN_AREA = 16
CARD = read_model(find_model("nuclei")).card

Cut = Callable[[NDArray[np.bool_], Maps], NDArray[np.integer]]


def scikit_image(foreground: NDArray[np.bool_], _: Maps) -> NDArray[np.integer]:
    """Peaks of the distance to the background, and scikit-image's watershed."""
    distance = ndimage.distance_transform_edt(foreground)
    peaks = peak_local_max(distance, min_distance=5, labels=ndimage.label(foreground)[0])
    markers = np.zeros(foreground.shape, np.int32)
    markers[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    return watershed(-distance, markers, mask=foreground)


CUTS: Mapping[str, Cut] = {
    "foreground, touching ones joined": lambda mask, _: number_objects(
        mask, min_area=MIN_AREA, separate=False
    ),
    "foreground, scikit-image's peaks and watershed": scikit_image,
    "foreground, our flood of the distance to the background": lambda mask, _: (
        number_objects(mask, min_area=MIN_AREA)
    ),
    "foreground and flows": lambda mask, maps: follow_flows(
        mask, maps.flows, least=cutoffs_of(CARD).least, min_area=MIN_AREA
    ),
}
CHOSEN = "foreground and flows"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=750)
    parser.add_argument("--pictures", type=int, help="use so many only, to try the script")
    parser.add_argument("--runs", type=Path, default=ROOT / "training" / "runs" / "heads")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "heads.md")
    options = parser.parse_args()
    training, held = (part[: options.pictures] for part in nuclei())
    say = speaker()
    results, told = heads_trained(training, held, options.steps, options.runs, say=say)
    rows, sentences = heads_told(results, held)
    say("cutting the maps of the shipped model")
    text = TEMPLATE.format(
        **told,
        held=summary(held),
        steps=options.steps,
        crops=f"{BATCH} crops of {SIDE} x {SIDE} pixels",
        diameter=round(DIAMETER),
        heads=rows,
        verdict=sentences,
        cuts=cuts_told(held),
    )
    options.out.write_text(text, encoding="utf-8")


def heads_trained(
    training: Sequence[Example],
    held: Sequence[Example],
    steps: int,
    runs: Path,
    *,
    say: Callable[[str], None],
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, str]]:
    """Train and judge every head from every start.

    Returns
    -------
    dict
        Of each head: the results of `judged`, one a start.
    dict
        How many pictures were trained on, and chosen on.
    """
    out = split_by_group(
        [one.group for one in training],
        TUNING_SHARE,
        classes=[one.kind for one in training],
    )
    learned = [one for one, chosen in zip(training, out, strict=True) if not chosen]
    tuning = [one for one, chosen in zip(training, out, strict=True) if chosen]
    say(f"training: {summary(learned)}; options: {summary(tuning)}")
    sources = located(learned)
    tuning_seen, held_seen = (
        hold(part, channels=3, diameter=DIAMETER) for part in (tuning, held)
    )
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in HEADS}
    seen: dict[str, list[NDArray[Any]]] = {}
    for seed in SEEDS:
        for name, head in HEADS.items():

            def computed(name=name, head=head, seed=seed) -> dict[str, Any]:  # noqa: ANN001
                if name not in seen:
                    seen[name] = [head.seen(labels_of(one)) for one in sources]
                network = trained(head, sources, seen[name], steps=steps, seed=seed)
                return judged(head, network, tuning=tuning_seen, held=held_seen)

            result = kept(runs / f"{name}-{steps}-steps-{seed}.json", computed)
            results[name].append(result)
            score = np.mean(result["scores"])
            say(f"start {seed}, {name}: dsb_score {score:.4f}, {result['options']}")
    return results, {"learned": summary(learned), "tuning": summary(tuning)}


def heads_told(
    results: Mapping[str, Sequence[Mapping[str, Any]]], held: Sequence[Example]
) -> tuple[str, str]:
    """Return the rows of the table of heads, and what they say."""
    megapixels = sum(one.labels.size for one in held) / 1e6
    both = compared(
        {name: [run["scores"] for run in runs] for name, runs in results.items()},
        reference="maps",
        groups=[one.group for one in held],
    )
    seconds = {
        name: tuple(
            float(np.mean([run[part] for run in runs])) / megapixels
            for part in ("network_s", "cutting_s")
        )
        for name, runs in results.items()
    }
    rows = [
        f"| {HEADS[name].name} | {cells(one)} | {1000 * seconds[name][0]:.0f} | "
        f"{1000 * seconds[name][1]:.0f} | {one.score.value / sum(seconds[name]):.2f} |"
        for name, one in both.items()
    ]
    return "\n".join(rows), verdict(both, {name: sum(s) for name, s in seconds.items()})


def verdict(both: Mapping[str, Compared], seconds: Mapping[str, float]) -> str:
    """Say what the table shows, from its numbers alone.

    Parameters
    ----------
    both : mapping
        Of each head, how it compares with "maps".
    seconds : mapping
        CPU seconds per megapixel of each head.
    """
    sentences, better = [], []
    usual = both["maps"].score.value / seconds["maps"]
    for name, one in both.items():
        if one.apart is None:
            continue
        cost = seconds[name] / seconds["maps"]
        each = one.score.value / seconds[name]
        sentences.append(
            f"- **{HEADS[name].name}**: {_said(one)}, at {cost:.2f} times the CPU time: "
            f"{each:.2f} of score per CPU second and megapixel, against {usual:.2f}."
        )
        if one.apart.low > 0:
            better.append(HEADS[name].name)
    if better:
        sentences.append(f"\nBetter than the first row: {', '.join(better)}.")
    else:
        sentences.append(
            "\nNeither scores higher than the first row by more than chance would explain."
        )
    return "\n".join(sentences)


def _said(one: Compared) -> str:
    difference = with_interval(one.apart, sign="+")
    if one.apart.low > 0:
        return f"scores higher, {difference}"
    if one.apart.high < 0:
        return f"scores lower, {difference}"
    return f"no difference is shown, {difference}"


def cuts_told(held: Sequence[Example]) -> str:
    """Return the rows of the table of ways to cut the shipped model's maps."""
    segmenter = NetworkSegmenter(model="nuclei")
    scores: dict[str, list[float]] = {name: [] for name in CUTS}
    seconds = dict.fromkeys(CUTS, 0.0)
    for one in held:
        maps = segmenter.maps(one.image)
        foreground = fill_holes(maps.foreground > maps.cutoff)
        for name, cut in CUTS.items():
            cut(foreground, maps)  # warm
            started = time.process_time()
            found = cut(foreground, maps)
            seconds[name] += time.process_time() - started
            scores[name].append(dsb_score(match_objects(found, one.labels)))
    megapixels = sum(one.labels.size for one in held) / 1e6
    both = compared(
        {name: [rows] for name, rows in scores.items()},
        reference=CHOSEN,
        groups=[one.group for one in held],
    )
    return "\n".join(
        f"| {name} | {with_interval(one.score)} | "
        f"{'' if one.apart is None else with_interval(one.apart, sign='+')} | "
        f"{1000 * seconds[name] / megapixels:.0f} |"
        for name, one in both.items()
    )


TEMPLATE = """# Which maps a network should give

Made by `python training/heads.py`. The score is `dsb_score`; intervals are 95 %, with
pictures of one group resampled together. Judged on the validation pictures of the model
`nuclei` ({held}), of groups that were not trained on.

## Other heads

The same small U-Net was trained with three heads: a foreground with the border between
touching objects and the distance to an object's edge, which Segmetry's first models had; a
foreground with the flows of Cellpose
([Stringer et al. 2021](https://doi.org/10.1038/s41592-020-01018-x)); and the star-convex
polygons of StarDist ([Schmidt et al.
2018](https://doi.org/10.1007/978-3-030-00934-2_30)). All had the same pictures
({learned}), the same crops from the same random numbers, {steps} steps of {crops}, and
three random starts. The options of each (such as the cutoff of the foreground) were
chosen in the same way, on other pictures of the train part ({tuning}), never on those
that judge. Objects are brought to {diameter} px by their true diameter.

| head | dsb_score (mean of the starts) | each start | paired | network | cutting | per s |
|---|---|---|---|---|---|---|
{heads}

*Paired* is the difference to the first row. *Network* and *cutting* are CPU milliseconds
per megapixel of the pictures, with one thread; *per s* is the score divided by the CPU
seconds that both take for a megapixel.

{verdict}

The shipped models learn a foreground and flows: their objects are better, and what they
cost is little beside what folding saved. For a CPU second the first row gives more. All
heads had the folded network of the program (blocks of 2 x 2 pixels as channels). With the
U-Net as published, the same trainings gave 0.504, 0.565 and 0.279: flows were ahead by
0.061 (0.031 to 0.092), at 0.80 of score per CPU second against 1.03. Folded, the small
network has 16 features for the 132 values that polygons need of a block, which may hold
them back.

What this does not say: the training is short (StarDist's own default is 40,000 steps) and
the network small, so longer training may change the order. Flows and polygons are cut by
our own code, written after the papers; Cellpose and StarDist themselves
differ in network, training and speed ([how fast it is](benchmarks_networks.md) has them
in a race). Nuclei are round: polygons cannot
describe needles or branched objects, which flows and maps can.

## What the flows of the shipped model are worth

The same maps of the shipped model `nuclei`, cut in several ways. Its cutoffs were chosen on
these pictures for the last row, which is therefore a little too good. Confidence is not
used here.

| maps and cut | dsb_score | against the last row, paired | CPU ms per megapixel |
|---|---|---|---|
{cuts}
"""

if __name__ == "__main__":
    main()
