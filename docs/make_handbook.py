"""Draw the handbook's figures by running the code that its pages show.

Run `python docs/make_handbook.py`, or name pages: `python docs/make_handbook.py kmeans em`.
Tests run the same code, and hold that each page shows the picture that it draws.
"""

import os
import re
import shutil
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

PAGES = Path(__file__).with_name("handbook")
FIGURES = Path(__file__).with_name("figures") / "handbook"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


def draw(page: Path) -> None:
    """Run a page's code in a folder with the powder picture, and keep what it draws."""
    code = "\n".join(_BLOCK.findall(page.read_text(encoding="utf-8")))
    before = Path.cwd()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        shutil.copy(str(files("segmetry") / "demo" / "powder.png"), folder)
        os.chdir(folder)
        try:
            exec(compile(code, page.name, "exec"), {"__name__": "handbook"})  # noqa: S102
        finally:
            os.chdir(before)
        drawn = Path(folder, f"{page.stem}.png")
        if drawn.exists():
            FIGURES.mkdir(parents=True, exist_ok=True)
            shutil.copy(drawn, FIGURES)


if __name__ == "__main__":
    chosen = sys.argv[1:] or [page.stem for page in sorted(PAGES.glob("*.md"))]
    for name in chosen:
        draw(PAGES / f"{name}.md")
        print(name)
