"""Putting what a script has made into the page that shows it."""

from pathlib import Path

__all__ = ["put"]


def put(page: Path | None, text: str, *, script: str) -> None:
    """Print a text, and replace by it what stands between the marks of a script in a page.

    Parameters
    ----------
    page : Path or None
        With the lines `<!-- made by benchmarks/NAME -->` and `<!-- end of NAME -->`; `None`
        only prints.
    text : str
        Markdown.
    script : str
        Path of the script, as in `__file__`.

    Raises
    ------
    ValueError
        If the page lacks a mark, or has one twice.
    """
    print(text)
    if page is None:
        return
    name = Path(script).name
    start, end = f"<!-- made by benchmarks/{name} -->", f"<!-- end of {name} -->"
    before, rest = page.read_text(encoding="utf-8").split(start)
    _, after = rest.split(end)
    whole = f"{before}{start}\n\n{text.strip()}\n\n{end}{after}"
    page.write_text(whole, encoding="utf-8")
