"""Cellpose 3's turns: its network with random weights, its dynamics on true flows.

Its weights are fetched when it is used, which a benchmark must not do. What a network
computes takes as long with any weights; the dynamics follow the flows of the true masks,
so that they have as many cells to find as there are.
"""

import argparse
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cellpose import dynamics
from cellpose.models import CellposeModel
from turns import Clock, take_turns

_STEPS = 200  # of the dynamics at the network's own scale, Cellpose's default
_SURE = 5.0  # the logit of cell or background, far from its cutoff of 0
_FLOW = 5.0  # Cellpose's networks give five times the flow


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--rescale", type=float, default=1.0)
    options = parser.parse_args()
    with np.load(options.picture) as drawn:
        pixels, truth = drawn["picture"], drawn["truth"]
    torch.manual_seed(0)
    model = CellposeModel(gpu=False)
    flows = (dynamics.masks_to_flows(truth.astype(int)) * _FLOW).astype(np.float32)
    cells = np.where(truth > 0, _SURE, -_SURE).astype(np.float32)

    def turn(clock: Clock) -> dict[str, Any]:
        with clock.part("network"):
            model.eval(
                pixels, channels=[0, 0], rescale=options.rescale, compute_masks=False
            )
        with clock.part("dynamics"):
            masks = dynamics.resize_and_compute_masks(
                flows, cells, niter=_STEPS / options.rescale, min_size=15
            )
        np.save(options.labels, masks)
        return {"n_objects": int(masks.max()), "threads": torch.get_num_threads()}

    about = {name: version(name) for name in ("cellpose", "torch", "numpy")}
    take_turns(turn, about=about)


if __name__ == "__main__":
    main()
