"""How long one picture of DRIVE's size takes by `vessels`, beside a published U-Net.

The published one [1]_ has 7,760,097 parameters and is run as it was trained, by PyTorch
without compiling; its weights are random here, which costs the same. Both see one drawn
fundus picture of 565 x 584 pixels, in turns, on two cores. With the extra `train`:

    python benchmarks/vessels_speed.py --write docs/vessels.md

References
----------
.. [1] https://github.com/CVxTz/medical_image_segmentation
"""

import argparse
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import Tensor, nn

from segmetry.image import Image
from segmetry.models.vessels import Vessels
from segmetry.prepare import exclude_outside

CORES = 2
HEIGHT, WIDTH = 584, 565
WIDTHS = (32, 64, 128, 256, 512)
MULTIPLE = 16  # of its sides
PARAMETERS = 7_760_097
MARK = "<!-- made by benchmarks/vessels_speed.py -->"

Seconds = tuple[float, float]  # wall, processor


class PublishedUNet(nn.Module):
    """Two convolutions of 3 x 3 and dropout at each of five scales, no normalisation."""

    def __init__(self) -> None:
        super().__init__()
        pairs = list(zip((3, *WIDTHS), WIDTHS, strict=False))
        self.down = nn.ModuleList(_double(before, after) for before, after in pairs)
        steps = list(zip(WIDTHS[:0:-1], WIDTHS[-2::-1], strict=True))
        self.widen = nn.ModuleList(
            nn.ConvTranspose2d(below, width, kernel_size=2, stride=2)
            for below, width in steps
        )
        self.up = nn.ModuleList(_double(2 * width, width) for _, width in steps)
        self.head = nn.Conv2d(WIDTHS[0], 1, kernel_size=1)

    def forward(self, picture: Tensor) -> Tensor:
        """Return the probability of each pixel, (N, 1, Y, X)."""
        passed, features = [], picture
        for level, block in enumerate(self.down):
            features = block(nn.functional.max_pool2d(features, 2) if level else features)
            passed.append(features)
        passed.pop()
        for widen, block in zip(self.widen, self.up, strict=True):
            features = block(torch.cat([widen(features), passed.pop()], dim=1))
        return torch.sigmoid(self.head(features))


def _double(before: int, after: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in (before, after):
        layers += [nn.Conv2d(width, after, 3, padding=1), nn.ReLU(), nn.Dropout(0.1)]
    return nn.Sequential(*layers)


def fundus() -> Image:
    """Draw a disc with lines of 1 to 8 pixels."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(float)
    eye = np.hypot(y - HEIGHT / 2, x - WIDTH / 2) < 270
    pixels = np.where(eye, 130.0, 3.0)
    for k, width in enumerate(range(1, 9)):
        line = np.abs(y - 60 * k - 40 * np.sin(x / 60 + k)) < width / 2
        pixels[line & eye] = 80
    noisy = pixels + np.random.default_rng(0).normal(0, 3, pixels.shape)
    coloured = noisy[..., None] * np.array([1.0, 0.6, 0.3])
    pixels = coloured.clip(0, 255).astype(np.uint8)
    return exclude_outside(Image(pixels, axes="YXC"), eye)


def published(image: Image) -> Callable[[], object]:
    """Return what runs the published network once, picture in and probabilities out."""
    network = PublishedUNet().eval()
    n_parameters = sum(each.numel() for each in network.parameters())
    if n_parameters != PARAMETERS:
        msg = f"the published network has {PARAMETERS} parameters, got {n_parameters}"
        raise ValueError(msg)

    def run() -> object:
        edges = [(0, -side % MULTIPLE) for side in image.spatial_shape]
        padded = np.pad(image.pixels, (*edges, (0, 0)), mode="symmetric")
        batch = torch.from_numpy(padded.astype(np.float32) / 255).permute(2, 0, 1)[None]
        with torch.inference_mode():
            return network(batch)[0, 0, :HEIGHT, :WIDTH].numpy()

    return run


def timed(run: Callable[[], object]) -> Seconds:
    wall, processor = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - processor


def race(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, Seconds]:
    """Return the medians of all rounds, taken in turns after one that does not count."""
    for run in contenders.values():
        run()
    turns: dict[str, list[Seconds]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            time.sleep(0.2)  # threads of the one before may still be spinning
            turns[name].append(timed(run))
    return {
        name: (median(wall for wall, _ in each), median(cpu for _, cpu in each))
        for name, each in turns.items()
    }


def table(times: dict[str, Seconds], first: Seconds) -> list[str]:
    lines = [
        "| | wall s | CPU s | to the published U-Net: wall | CPU |",
        "|---|---|---|---|---|",
    ]
    for name, (wall, processor) in times.items():
        ratios = f"{wall / first[0]:.2f} | {processor / first[1]:.2f}"
        lines.append(f"| {name} | {wall:.2f} | {processor:.2f} | {ratios} |")
    return lines


def limit_cores() -> None:
    """Give this process two cores, and as many threads."""
    torch.set_num_threads(CORES)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    elif (os.cpu_count() or CORES) > CORES:
        print(f"this system cannot hold programs to {CORES} cores: ratios may be off")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="vessels", help="a model's name or file")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", type=Path, help="page in which to replace the table")
    options = parser.parse_args()
    limit_cores()
    busy = f"; load before {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    image = fundus()
    theirs = "published U-Net, PyTorch"
    contenders = {theirs: published(image)}
    for precision in ("auto", "fp32"):
        for flips in (False, True):
            find = Vessels(model=options.model, precision=precision, flips=flips)
            used = find.maps(image).found["found_precision"]
            passes = "with flips" if flips else "one pass"
            contenders[f"`vessels`, {passes}, {used}"] = lambda find=find: find.maps(image)
    times = race(contenders, options.rounds)
    conditions = (
        f"Median of {options.rounds} turns on {CORES} cores of {platform.machine()}{busy}; "
        f"PyTorch {torch.__version__}."
    )
    text = "\n".join([*table(times, times[theirs]), "", conditions])
    print(text)
    if options.write is not None:
        before, _, after = options.write.read_text(encoding="utf-8").split(MARK)
        page = f"{before}{MARK}\n{text}\n{MARK}{after}"
        options.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
