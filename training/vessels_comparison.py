"""What a pretrained encoder and augmentation are worth: a published comparison, redone.

Three variants learn from several random starts, from one half of DRIVE's training pictures
at a time, and are judged on the other half; the test pictures are not opened. Each
training's result is kept, so a stopped script goes on. `--full` takes a network and as many
steps as were published. Writes a page with the table and what it says.
"""

import argparse
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from comparison import kept
from making import comparison_options, speaker
from sets import DATA, retinas
from torch import Tensor
from vessels_comparison_page import AUGMENTED, PLAIN, PRETRAINED, Told, page, section_of

from segmetry.errors import ModelError
from segmetry.evaluate import merge_rankings, rank_pixels
from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.encoder_weights import load_encoder_weights
from segmetry.learn.encoders import ENCODERS, build_encoder
from segmetry.learn.examples import Example
from segmetry.learn.export import start_weights
from segmetry.learn.fitting import fit
from segmetry.learn.judging import hold, map_pictures
from segmetry.learn.networks import build
from segmetry.learn.plan import Plan, Schedule
from segmetry.models import Card, find_model, read_model
from segmetry.segment import Maps
from segmetry.segment.ridge import Ridge

FOLDS = 2  # ten pictures to learn from, and ten that judge
SIDE, BATCH = 64, 16  # as published, and so are BCE and the steps of the full size
STEPS, FULL_STEPS = 1000, 12_500
FULL_LEVELS = 5  # with 32 features at the first: 7.8 million parameters, as published
DEFORMED_SHARE = 2 / 3  # of the steps; the others see pixels as they are
OTHER_CROPS = 1000  # further on in random numbers, so that crops are not seen twice

# The published kinds and ranges; shifts come with crops, which lie anywhere.
GEOMETRY = Geometry(
    quarters=True, rotation=10, octaves=0.1, shear=0.09, stretch=0, elastic=0
)
APPEARANCE = replace(Appearance.none(), brightness=0.1, contrast=0.1, colour=0.1)

VARIANTS = (PRETRAINED, AUGMENTED, PLAIN)
Judge = Callable[[Sequence[Maps], Sequence[Example]], dict[str, Any]]
ENCODER_PART = {"unet": "down.", "encoder_unet": "encoder."}


@dataclass(frozen=True, eq=False)
class Source:
    """Where the pretrained encoder comes from, and the network that all variants have.

    Parameters
    ----------
    architecture : dict
    encoder : dict of str to Tensor
        Weights by their names in that network; those not in it are left random.
    told : str
        What it is, in words.
    """

    architecture: dict[str, Any]
    encoder: dict[str, Tensor]
    told: str

    def weights(self, seed: int, *, pretrained: bool) -> dict[str, Tensor]:
        """Return weights to start from; all but the encoder's are the same for a seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            weights = build(self.architecture).state_dict()
        return {**weights, **self.encoder} if pretrained else weights

    def fingerprint(self) -> str:
        """Hash the pretrained weights."""
        digest = hashlib.sha256()
        for name, values in sorted(self.encoder.items()):
            digest.update(name.encode() + values.contiguous().numpy().tobytes())
        return digest.hexdigest()


def judged(answers: Sequence[Maps], held: Sequence[Example]) -> dict[str, Any]:
    """Return the scores of the pictures that a net judges, inside the field of view."""
    rankings = [
        rank_pixels(maps.foreground, one.labels > 0, included=one.image.included)
        for maps, one in zip(answers, held, strict=True)
    ]
    return {
        "pooled": merge_rankings(rankings).auc_roc(),
        "auc_roc": [one.auc_roc() for one in rankings],
        "auc_pr": [one.auc_pr() for one in rankings],
    }


@dataclass(frozen=True, eq=False)
class Run:
    """One training, and what it is judged on.

    Parameters
    ----------
    variant : str
    seed, fold : int
    source : Source
    steps : int
    loss : str
    """

    variant: str
    seed: int
    fold: int
    source: Source
    steps: int
    loss: str = "bce"

    def plans(self) -> tuple[Plan, Plan]:
        """Return the two turns: crops are deformed, then only mirrored and turned."""
        is_plain = self.variant == PLAIN
        deformed = round(self.steps * DEFORMED_SHARE)
        whole = replace(Geometry.none(), flips=True, quarters=True)
        first = Plan(
            architecture=self.source.architecture,
            diameter=None,
            side=SIDE,
            batch=BATCH,
            schedule=_schedule(deformed, 2e-3),
            geometry=Geometry.none() if is_plain else GEOMETRY,
            appearance=Appearance.none() if is_plain else APPEARANCE,
            loss=self.loss,
            precision="bfloat16",  # "auto" could give variants different ones
            seed=self.seed,
        )
        last = replace(
            first,
            schedule=_schedule(self.steps - deformed, 1e-3),
            geometry=Geometry.none() if is_plain else whole,
            seed=self.seed + OTHER_CROPS,
        )
        return first, last

    def result(
        self,
        pictures: Sequence[Example],
        folder: Path,
        *,
        shown: str,
        judge: Judge = judged,
    ) -> dict[str, Any]:
        """Return what `judge` says, and the compute; trained unless it is kept.

        `shown` is the fingerprint of the pictures. Results of one judge are kept in one
        folder, and those of another elsewhere.
        """
        # A result of other plans, pictures or weights must not be taken for one of these.
        told = repr((self.plans(), shown)).encode()
        if self.variant == PRETRAINED:
            told += self.source.fingerprint().encode()
        identity = hashlib.sha256(told).hexdigest()[:8]
        kind = self.variant.replace(",", "").replace(" ", "-")
        stem = folder / f"{kind}-{self.seed}-{self.fold}-{identity}"
        return kept(stem.with_suffix(".json"), lambda: self._trained(pictures, stem, judge))

    def _trained(
        self, pictures: Sequence[Example], stem: Path, judge: Judge
    ) -> dict[str, Any]:
        """Train and judge, and tell the compute."""
        stem.parent.mkdir(parents=True, exist_ok=True)
        held = held_out(pictures, self.fold)
        learned = [one for one in pictures if one not in held]
        weights = self.source.weights(self.seed, pretrained=self.variant == PRETRAINED)
        checkpoints = [stem.with_suffix(f".{turn}.checkpoint") for turn in (1, 2)]
        begun, used, trained = time.monotonic(), time.process_time(), 0.0
        for plan, checkpoint in zip(self.plans(), checkpoints, strict=True):
            # Steps are fixed, so nothing is chosen on the picture held out here.
            state = fit(learned, held[:1], plan, checkpoint=checkpoint, start=weights)
            weights = state.averaged.state_dict()
            trained += (
                state.seconds
            )  # those before a stop too, of which no CPU time is known
        share = (time.process_time() - used) / (time.monotonic() - begun)
        network = state.averaged.to(memory_format=torch.channels_last)
        answers = map_pictures(
            network,
            hold(held, channels=3, diameter=None),
            plan.task,
            precision=torch.float32,
        )
        for checkpoint in checkpoints:
            checkpoint.unlink()
        return {**judge(answers, held), "cpu_s": share * trained}


def main() -> None:
    options = asked()
    say = speaker()
    pictures = retinas(options.data)
    source = source_of(options.weights, encoder=options.encoder, full=options.full)
    steps = FULL_STEPS if options.full else STEPS
    shown = fingerprint(pictures)
    results: dict[str, list[list[dict[str, Any]]]] = {name: [] for name in VARIANTS}
    for seed in range(options.starts):
        for variant in VARIANTS:
            halves = []
            for fold in range(FOLDS):
                run = Run(variant, seed, fold, source, steps)
                halves.append(run.result(pictures, options.out, shown=shown))
                say(f"start {seed}, {variant}, half {fold}: {halves[-1]['pooled']:.4f}")
            results[variant].append(halves)
    ridge = kept(options.out / f"ridge-{shown[:8]}.json", lambda: by_ridge(pictures))
    told = Told(
        source=source.told,
        names=[one.name for fold in range(FOLDS) for one in held_out(pictures, fold)],
        steps=steps,
        parameters=sum(one.numel() for one in build(source.architecture).parameters()),
        is_full=options.full,
    )
    path = options.write or options.out / "comparison.md"
    written = page(results, ridge["halves"], told) + section_of(path)
    path.write_text(written, encoding="utf-8")
    say(f"{path.name} is written")


def asked() -> argparse.Namespace:
    parser = comparison_options(__doc__, "vessels_comparison")
    parser.add_argument("--data", type=Path, default=DATA / "drive", help="copy of DRIVE")
    parser.add_argument(
        "--weights",
        default="nuclei",
        help="pretrained network: a model or its file, or ImageNet weights (.pth)",
    )
    parser.add_argument(
        "--encoder", default="vgg16", choices=ENCODERS, help="that ImageNet weights are of"
    )
    parser.add_argument("--full", action="store_true", help="the published size")
    parser.add_argument("--write", type=Path, help="the page; else it is in OUT")
    return parser.parse_args()


def source_of(weights: str, *, encoder: str, full: bool) -> Source:
    """Return the pretrained encoder, and the network that it belongs in.

    Raises
    ------
    ModelError
        If the file cannot be read, or is of another network.
    """
    outputs = {"channels": 3, "outputs": ["foreground"]}
    if Path(weights).suffix in {".pth", ".safetensors"}:
        network = build_encoder(encoder)
        load_encoder_weights(network, Path(weights))
        return Source(
            {"kind": "encoder_unet", "encoder": encoder, **outputs},
            {f"encoder.{name}": one for name, one in network.state_dict().items()},
            f"{encoder} with the ImageNet weights of `{Path(weights).name}`",
        )
    model = read_model(find_model(weights))
    architecture = {**model.card.architecture, **outputs}
    part = ENCODER_PART[architecture["kind"]]
    if full and architecture["kind"] == "unet":
        architecture["levels"] = max(architecture["levels"], FULL_LEVELS)
    values = {
        name: one for name, one in start_weights(model).items() if name.startswith(part)
    }
    needed = build(architecture).state_dict()
    if any(
        name not in needed or needed[name].shape != one.shape
        for name, one in values.items()
    ):
        msg = (
            f"{model.path.name} has an encoder for {model.card.channels} channels, but "
            "retinas have 3; take a model of colour pictures."
        )
        raise ModelError(msg)
    if any(data.name == "DRIVE" for data in model.card.data):
        msg = (
            f"{model.path.name} has learned from the pictures that are to judge it; take a "
            "model that has not seen DRIVE."
        )
        raise ModelError(msg)
    return Source(architecture, values, _told(model.card, values, architecture))


def _told(card: Card, values: Mapping[str, Tensor], architecture: Mapping[str, Any]) -> str:
    n_levels = len({name.split(".")[1] for name in values})
    levels = architecture.get("levels", n_levels)
    part = "" if levels == n_levels else f" ({n_levels} of {levels} levels)"
    learned = (
        " and ".join(data.name for data in card.data) or "pictures that it names none of"
    )
    return (
        f"that of the model `{card.name}`{part}, which learned from {learned}; no file of "
        "ImageNet weights was given"
    )


def fingerprint(pictures: Sequence[Example]) -> str:
    """Hash the pixels, masks and fields of view."""
    digest = hashlib.sha256()
    for one in pictures:
        for array in (one.image.pixels, one.labels, one.image.included):
            digest.update(array.tobytes())
    return digest.hexdigest()


def held_out(pictures: Sequence[Example], fold: int) -> list[Example]:
    """Return every second picture, from the first one or the second."""
    return list(pictures[fold::FOLDS])


def by_ridge(pictures: Sequence[Example]) -> dict[str, Any]:
    halves = []
    for fold in range(FOLDS):
        held = held_out(pictures, fold)
        started = time.process_time()
        answers = [Ridge().maps(one.image) for one in held]
        seconds = time.process_time() - started
        halves.append({**judged(answers, held), "cpu_s": seconds})
    return {"halves": halves}


def _schedule(steps: int, learning_rate: float) -> Schedule:
    return Schedule(steps=steps, validate_every=steps, learning_rate=learning_rate)


if __name__ == "__main__":
    main()
