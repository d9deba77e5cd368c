"""Write docs/reference.md from the program itself, so that it cannot grow stale.

Run `python docs/make_reference.py`; a test compares the page with what this would write.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from segmetry import errors, io
from segmetry.cli import app
from segmetry.evaluate import SCORES
from segmetry.io import (
    COUNT_COLUMN,
    IMAGE_COLUMNS,
    REGION_COLUMNS,
    THIN_COLUMNS,
    THIN_IMAGE_COLUMNS,
)
from segmetry.recipe import Recipe, recipe_text
from segmetry.segment import segmenter_names, segmenter_options

PAGE = Path(__file__).with_name("reference.md")


def reference() -> str:
    """Return the page."""
    parts = [
        _head(),
        *_commands(),
        *_segmenters(),
        *_columns(),
        *_scores(),
        *_recipe(),
        *_errors(),
    ]
    return "\n".join(parts) + "\n"


def _head() -> str:
    return (
        "# Reference\n\n"
        "This page is written by `docs/make_reference.py` from the program itself.\n\n"
        "Exit status: 0 all done; 1 some picture failed (the others are written, and\n"
        "`images.csv` says why); 2 the command line or the recipe is wrong."
    )


def _commands() -> Iterator[str]:
    for name, command in _named(typer.main.get_command(app), ""):
        if command.hidden:
            continue
        yield f"\n## `segmetry {name}`\n\n{command.help}\n"
        yield "| option | what it does |\n|---|---|"
        for item in command.params:
            if item.param_type_name == "argument":
                flags = f"`{item.name}`"
            else:
                flags = ", ".join(
                    f"`{flag}`" for flag in (*item.opts, *item.secondary_opts)
                )
            told = _plain(getattr(item, "help", ""))
            yield f"| {flags} | {told} |"


def _named(group: Any, words: str) -> Iterator[tuple[str, Any]]:
    for word, command in group.commands.items():
        name = f"{words} {word}".strip()
        yield name, command
        if hasattr(command, "commands"):
            yield from _named(command, name)


def _segmenters() -> Iterator[str]:
    yield "\n## Segmenters and their options\n"
    yield "Given on the command line as `--set OPTION=VALUE`."
    for name in segmenter_names():
        yield f"\n### `{name}`\n\n| option | default | what it does |\n|---|---|---|"
        for option in segmenter_options(name):
            choices = f" One of {', '.join(option.choices)}." if option.choices else ""
            yield f"| `{option.name}` | `{option.default}` | {option.help}{choices} |"


def _scores() -> Iterator[str]:
    yield "\n## Scores of an evaluation\n"
    yield "The keys of `segmetry evaluate --json`; [what they mean](evaluation.md).\n"
    yield "| key | what it is | formula |\n|---|---|---|"
    for name, score in SCORES.items():
        unit = f", in {score.unit}" if score.unit else ""
        formula = score.formula.replace("|", "\\|")
        yield f"| `{name}` | {score.title}{unit} | {formula} |"


def _columns() -> Iterator[str]:
    yield "\n## Columns of objects.csv\n"
    yield "Lengths end in `_um`, or in `_px` where the pixel size is unknown.\n"
    yield "| column | unit | what it is |\n|---|---|---|"
    of_images = (*IMAGE_COLUMNS, COUNT_COLUMN)
    for name in io.described_columns():
        if name not in of_images or name == "image":
            yield _column(name)
    yield "\n## Columns of images.csv\n\n| column | unit | what it is |\n|---|---|---|"
    yield from (_column(name) for name in of_images)
    yield from _thin_columns()


def _thin_columns() -> Iterator[str]:
    yield "\nWith `--thin`, these follow where any picture has them:\n"
    yield "| column | unit | what it is |\n|---|---|---|"
    yield from (_column(name, "images") for name in THIN_IMAGE_COLUMNS)
    yield "\nWith regions, these follow for the whole picture:\n"
    yield "| column | unit | what it is |\n|---|---|---|"
    yield from (_column(name, "images") for name in REGION_COLUMNS["images"])
    yield "\nColumns of the sheet follow, under their own names."
    for table in ("regions", "animals"):
        yield f"\n## Columns of `{table}.csv` (`--regions`)\n"
        yield "| column | unit | what it is |\n|---|---|---|"
        yield from (_column(name, table) for name in REGION_COLUMNS[table])
    for table, names in THIN_COLUMNS.items():
        if table == "images":
            continue
        where = "`STEM/widths.parquet`" if table == "widths" else f"`{table}.csv`"
        yield f"\n## Columns of {where} (`--thin`)\n\n| column | unit | what it is |"
        yield "|---|---|---|"
        yield from (_column(name, table) for name in names)


def _column(name: str, table: str = "objects") -> str:
    told = io.column(name, table=table)
    return f"| `{name}` | {told.unit} | {told.description} |"


def _recipe() -> Iterator[str]:
    yield "\n## The recipe\n\nEvery choice with its default:\n"
    yield f"```toml\n{recipe_text(Recipe())}```"


def _errors() -> Iterator[str]:
    yield "\n## Errors\n\nAll are kinds of `segmetry.errors.SegmetryError`.\n"
    yield "| error | when |\n|---|---|"
    for name in errors.__all__:
        kind = getattr(errors, name)
        yield f"| `{name}` | {_plain(kind.__doc__.splitlines()[0])} |"


def _plain(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").replace("|", "\\|").strip()


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
