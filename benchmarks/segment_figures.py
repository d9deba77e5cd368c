"""Draw the figures of the handbook's pages on segmentation.

Run it with `python benchmarks/segment_figures.py`. One figure shows a picture of SAEMI's
test data, CNR-IOM / NFFA-EUROPE, CC BY 4.0; without the folder of real pictures it is left
out.
"""

import os
from pathlib import Path

import banner_fills as scenes
import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.io import read
from segmetry.prepare import fill_watermark, remove_banner
from segmetry.segment import segmenter
from segmetry.segment.objects import number_objects

HERE = Path(__file__).parent
FIGURES = HERE.parent / "docs" / "figures"
DATA = Path(os.environ.get("SEGMETRY_DATA", HERE.parent.parent / "shared" / "data"))
GAP = 8


def outlined(
    grey: NDArray, labels: NDArray, *, shade: NDArray | None = None
) -> NDArray[np.uint8]:
    """Return an RGB picture with the objects' outlines, and an area shaded red."""
    colour = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    if shade is not None:
        colour[shade] = (0.6 * colour[shade] + 0.4 * np.array([220, 40, 40])).astype(
            np.uint8
        )
    inner = cv2.erode(labels.astype(np.float32), np.ones((3, 3))) == labels
    outer = cv2.dilate(labels.astype(np.float32), np.ones((3, 3))) == labels
    colour[(labels > 0) & ~(inner & outer)] = (255, 190, 0)
    return colour


def titled(picture: NDArray[np.uint8], title: str) -> NDArray[np.uint8]:
    head = np.full((26, picture.shape[1], 3), 255, np.uint8)
    cv2.putText(
        head, title, (2, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA
    )
    return np.vstack([head, picture])


def sheet(panels: list[NDArray[np.uint8]], *, columns: int) -> NDArray[np.uint8]:
    """Lay panels out in rows on white."""
    height = max(panel.shape[0] for panel in panels) + GAP
    width = max(panel.shape[1] for panel in panels) + GAP
    rows = -(-len(panels) // columns)
    page = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        top, left = row * height, column * width
        page[top : top + panel.shape[0], left : left + panel.shape[1]] = panel
    return page


def save(name: str, page: NDArray[np.uint8]) -> None:
    FIGURES.mkdir(exist_ok=True)
    encoded = cv2.imencode(".png", page[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])[1]
    (FIGURES / name).write_bytes(encoded.tobytes())
    print(f"{name}: {len(encoded) / 1024:.0f} KiB")


def corner(picture: NDArray) -> NDArray:
    """Return the part of a scene that the figures show."""
    return picture[-220:, -320:]


def banner_fills() -> None:
    scene = scenes.with_banner(3)
    image = Image(scene.pixels)
    rows = (scenes.HEIGHT - scenes.BANNER, scenes.HEIGHT)
    panels = [
        titled(
            outlined(
                *map(corner, (scene.pixels, scenes.found(image))),
                shade=corner(scene.hidden),
            ),
            "as read, banner in red",
        )
    ]
    for method in scenes.FILLS:
        removed = remove_banner(image, rows, method=method)
        counted = Image(removed.pixels)
        picture = outlined(corner(removed.pixels), corner(scenes.found(counted)))
        panels.append(titled(picture, f"{method}: objects, fill counted"))
    save("banner_fills.png", sheet(panels, columns=3))


def watermark_fills() -> None:
    scene = scenes.with_lettering(3)
    window = np.s_[150:300, 30:350]
    image = Image(scene.pixels)
    panels = [
        titled(
            outlined(scene.pixels[window], scenes.found(image)[window]), "lettering left in"
        )
    ]
    for method in scenes.WATERMARK_FILLS:
        filled = fill_watermark(image, method=method)
        picture = outlined(filled.pixels[window], scenes.found(filled)[window])
        panels.append(titled(picture, f"filled: {method}"))
    ink = outlined(
        scene.pixels[window],
        scenes.lettering_excluded(scene)[window],
        shade=scene.hidden[window],
    )
    panels.append(titled(ink, "excluded (red)"))
    save("watermark_fills.png", sheet(panels, columns=3))


def cutting() -> None:
    """Draw what the cutter does to touching discs, a rod, a cross and a ring."""
    mask = np.zeros((220, 640), np.uint8)
    for x, y, radius in ((60, 70, 36), (118, 70, 30), (90, 130, 32), (60, 185, 14)):
        cv2.circle(mask, (x, y), radius, 1, -1)
    cv2.ellipse(mask, (250, 70), (70, 26), 15, 0, 360, 1, -1)
    cv2.line(mask, (190, 170), (310, 190), 1, 18)
    cv2.line(mask, (370, 40), (470, 180), 1, 14)
    cv2.line(mask, (470, 40), (370, 180), 1, 14)
    cv2.circle(mask, (570, 70), 40, 1, 12)
    cv2.circle(mask, (545, 170), 28, 1, -1)
    cv2.circle(mask, (585, 170), 28, 1, -1)
    panels = [
        titled(
            outlined(60 + 120 * mask, number_objects(mask > 0, waist=waist)),
            f"waist {waist}",
        )
        for waist in (0.5, 0.85, 0.97)
    ]
    save("cutting.png", sheet(panels, columns=1))


def auto_on_a_micrograph() -> None:
    folder = DATA / "saemi_sem" / "test" / "images"
    if not folder.is_dir():
        print("auto_micrograph.png left out: real pictures are absent")
        return
    image = read(next(folder.glob("L2_0c6f769bd7*.jpg")))
    panels = []
    for name in ("threshold", "auto"):
        labels = segmenter(name)(image)
        picture = outlined(image.grey, labels.data)[:420, 500:]
        panels.append(
            titled(picture, f"{name}: {len(labels.ids)} objects in the whole picture")
        )
    save("auto_micrograph.png", sheet(panels, columns=2))


def main() -> None:
    banner_fills()
    watermark_fills()
    cutting()
    auto_on_a_micrograph()


if __name__ == "__main__":
    main()
