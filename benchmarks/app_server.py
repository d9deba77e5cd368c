"""The app's own server in a process of its own, on drawn pictures, for measurements.

Every answer tells the CPU time that it took, in the header Server-Timing.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from edit_speed import N_OBJECTS, draw_scene, draw_vessels
from numpy.typing import NDArray
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segmetry.cli.serving import THREADS
from segmetry.edit import Canvas
from segmetry.image import Image, Labels
from segmetry.io import write_png
from segmetry.project import Project, carry_out
from segmetry.recipe import Recipe
from segmetry.web import serving

__all__ = ["Server", "draw_picture"]

_RECIPE = {"calibration": {"scale_bar": False}, "banner": {"fill": "none"}}
_SAMPLE = 60  # px, of the small picture that tells what a run says of itself


def draw_picture(
    folder: Path, side: int, *, vessels: bool = False, n_sets: int = 1
) -> None:
    """Make a folder with a picture of 10,000 objects, and a project that has found them.

    With `vessels`, one tree of vessels lies over all of it. The labels are those that
    were drawn: a method would join what touches. There may be several sets of them.
    """
    labels = draw_scene(side)
    if vessels:
        canvas = Canvas.of(Labels(labels, Image(np.zeros(labels.shape, np.uint8))))
        draw_vessels(canvas, side, 3)
        labels = canvas.labels().data
    folder.mkdir(parents=True)
    write_png(folder / "drawn.png", _grey(labels))
    with tempfile.TemporaryDirectory() as other, Project.create(folder, "Drawn") as project:
        write_png(Path(other) / "drawn.png", _grey(labels[:_SAMPLE, :_SAMPLE]))
        picture = project.pictures.add(folder / "drawn.png")
        order = project.labels.order(picture, Recipe.model_validate(_RECIPE))
        run = carry_out(replace(order, path=Path(other) / "drawn.png"))
        frame = {"frame_x_max_px": side, "frame_y_max_px": side}
        counts = {"included_area_px": side**2, "n_objects": N_OBJECTS}
        run.facts["row"] |= frame | counts
        for _ in range(n_sets):
            project.labels.keep(order, replace(run, data=labels, arrays={}))


def _grey(labels: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return bright objects on a dark ground, no two rows quite alike."""
    rows = np.arange(len(labels), dtype=np.uint8)[:, np.newaxis] % 16
    return np.where(labels > 0, np.uint8(170), np.uint8(40)) + rows


class Server:
    """The app about a folder, from here until `close`."""

    def __init__(self, folder: Path) -> None:
        with Project.open(folder) as project:
            picture = project.pictures.records()[0].id
            self.label_sets = [found.id for found in project.labels.records(picture)]
        words = [sys.executable, __file__, "--serve", str(folder)]
        environment = THREADS | dict(os.environ)
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        assert self.address, "the app did not start"
        self.root, _, rest = self.address.partition("?token=")
        self.token, _, self.project = rest.partition("#")

    def close(self) -> None:
        """End it at once: it keeps nothing but what is on the disk."""
        self.process.kill()
        self.process.communicate()

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """Yield what may use the server, as a browser does."""
        with httpx.Client(base_url=self.root, timeout=300, trust_env=False) as client:
            client.get("/", params={"token": self.token})
            client.headers["Sec-Fetch-Site"] = "same-origin"
            client.base_url = f"{self.root}api/v1/"
            yield client

    def picture(self, client: httpx.Client) -> dict[str, Any]:
        """Return the picture, once it can be shown in all sizes."""
        while True:
            (picture,) = client.get(f"projects/{self.project}").json()["pictures"]
            if picture["status"] != "reading":
                return dict(picture)
            time.sleep(0.1)


class _Clock:
    """Tells with every answer how much CPU time the process took for it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.process_time()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                cost = 1000 * (time.process_time() - begun)
                told = (b"server-timing", f"cpu;dur={cost:.2f}".encode())
                message["headers"] = [*message["headers"], told]
            await send(message)

        await self.app(scope, receive, timed)


def _serve(folder: Path) -> None:
    create = serving.create_application

    def timed(*arguments: Any, **options: Any) -> Any:
        application = create(*arguments, **options)
        application.add_middleware(_Clock)
        return application

    serving.create_application = timed
    serving.serve(folder, port=0, ready=lambda address: print(address, flush=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=Path, required=True, metavar="FOLDER")
    _serve(parser.parse_args().serve)
