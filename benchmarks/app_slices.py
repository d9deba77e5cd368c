"""How soon a slice of a volume is seen after the wheel was turned.

A drawn volume of 300 slices of 512 x 512 voxels is opened in a browser that draws without a
graphics card. Wheel events go to each plane, one after the other; each is timed until the
slice is painted, and the frame is over that shows it. Prints a table in Markdown.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import nibabel
import numpy as np
from playwright.sync_api import Page, sync_playwright

SHAPE = (300, 512, 512)
TURN = """async ([name, delta]) => {
  const field = document.querySelector(`.plane-${name} [role=application]`);
  const canvas = field.querySelector("canvas");
  const before = canvas.dataset.shown;
  const began = performance.now();
  field.dispatchEvent(new WheelEvent("wheel", {deltaY: delta, cancelable: true}));
  while (canvas.dataset.shown === before) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""
ARGUMENTS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


def draw(path: Path) -> None:
    """Write a volume of noise about bright balls, in Hounsfield units."""
    rng = np.random.default_rng(0)
    values = rng.normal(0, 30, SHAPE).astype(np.int16)
    y, x = np.ogrid[:512, :512]
    for k in range(SHAPE[0]):
        values[k, (y - 256) ** 2 + (x - 256) ** 2 > 200**2] -= 1000
        values[k, (y - 256) ** 2 + (x - 170) ** 2 < 60**2 - (k - 150) ** 2 / 8] -= 850
    scan = nibabel.Nifti1Image(values.T, np.diag([-0.7, -0.7, 1.5, 1]))
    scan.header.set_xyzt_units("mm")
    nibabel.save(scan, path)


def timed(page: Page, n: int, delta: int) -> dict[str, np.ndarray]:
    """Return the times of `n` turns of the wheel over each plane, in ms."""
    return {
        name: np.array([page.evaluate(TURN, [name, delta]) for _ in range(n)])
        for name in ("axial", "coronal", "sagittal")
    }


def measure(folder: Path, home: Path, n: int) -> None:
    """Open the volume in a browser and print what was timed."""
    environment = os.environ | {"SEGMETRY_PROJECTS": str(home)}
    words = [sys.executable, "-m", "segmetry", "app", "--no-browser", "--port", "0"]
    program = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        line = program.stdout.readline()
        address = re.search(r"http://\S+\?token=\S+", line)[0]
        root, token = address.split("?token=")
        with httpx.Client(base_url=root, timeout=300, trust_env=False) as client:
            client.get("/", params={"token": token})
            client.headers.update({"Sec-Fetch-Site": "same-origin"})
            found = client.post("/api/v1/projects/open", json={"folder": str(folder)})
            project = found.raise_for_status().json()["id"]
            paths = {"paths": [str(folder)]}
            client.post(f"/api/v1/projects/{project}/local", json=paths)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=ARGUMENTS
            )
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{address}#{project}")
            page.locator(".plane-sagittal canvas[data-shown]").wait_for(timeout=300_000)
            page.wait_for_timeout(2000)
            print("| plane | turns | p50 | p95 | max |")
            print("|---|---|---|---|---|")
            for what, delta in (("one slice", 100), ("ten slices back", -1000)):
                for name, times in timed(page, n, delta).items():
                    p50, p95 = np.quantile(times, [0.5, 0.95])
                    print(
                        f"| {name} | {n} of {what} | {p50:.0f} ms | {p95:.0f} ms | "
                        f"{times.max():.0f} ms |"
                    )
            browser.close()
    finally:
        program.kill()


def main() -> None:
    """Measure, with as many turns as asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=14)
    turns = parser.parse_args().turns
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "scans")
        folder.mkdir()
        draw(folder / "scan.nii")
        measure(folder, Path(place, "projects"), turns)


if __name__ == "__main__":
    main()
