"""Train the shipped model `nuclei`; stopped, it goes on where it was.

python training/nuclei.py [FOLDER for checkpoints and results]
"""

import sys
from pathlib import Path

from sets import nuclei, typical

from segmetry.learn.fitting import Plan, fit
from segmetry.learn.loop import Progress, Schedule

PLAN = Plan(
    diameter=24.0,
    side=192,
    batch=8,
    schedule=Schedule(steps=7000, validate_every=500, learning_rate=2e-3),
)


def tell(progress: Progress) -> None:
    score = "" if progress.score is None else f"  dsb_score {progress.score:.4f}"
    print(
        f"step {progress.step} of {progress.steps}, loss {progress.loss:.4f}, "
        f"{progress.seconds_left / 60:.1f} min left{score}",
        flush=True,
    )


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "training/runs")
    folder.mkdir(parents=True, exist_ok=True)
    training, validation = nuclei()
    print(f"training {typical(training)}; validation {typical(validation)}", flush=True)
    fit(training, validation, PLAN, checkpoint=folder / "nuclei.checkpoint", report=tell)


if __name__ == "__main__":
    main()
