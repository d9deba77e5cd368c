"""The built client: the files of the folder `static`, and nothing else of the disk."""

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from segmetry.errors import MissingError

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

# Not those of the system, which some Windows programs change.
_KINDS: Mapping[str, str] = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "woff2": "font/woff2",
}
_HASHED = "assets/"  # a file of another content has another name there

_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Segmetry</title>
<h1>The window of Segmetry was not built</h1>
<p>The server runs, but this copy of Segmetry was installed from its source without the
window. Install it with <code>pip install segmetry</code>; or, in its source,
run <code>npm ci</code> and <code>npm run build</code> in the folder
<code>frontend</code>, and load this page again.</p></html>
"""


@router.get("/{name:path}")
def client(name: str) -> Response:
    """Return a file of the client; the page itself at the root."""
    if not name and "index.html" not in client_files():
        return HTMLResponse(_NOT_BUILT, 503)
    file = client_files().get(name or "index.html")
    if file is None:
        msg = "There is nothing at this address."
        raise MissingError(msg)
    kind = _KINDS.get(file.name.rpartition(".")[2], "application/octet-stream")
    is_hashed = name.startswith(_HASHED)
    keep = "public, max-age=31536000, immutable" if is_hashed else "no-cache"
    return Response(file.read_bytes(), media_type=kind, headers={"Cache-Control": keep})


def client_files() -> Mapping[str, Traversable]:
    """Return the client's files by the names in their addresses.

    A name that is no key is not looked for on the disk, whatever dots it has.
    """
    return dict(_files(files("segmetry") / "web" / "static", ""))


def _files(folder: Traversable, before: str) -> list[tuple[str, Traversable]]:
    if not folder.is_dir():
        return []
    found: list[tuple[str, Traversable]] = []
    for entry in folder.iterdir():
        name = before + entry.name
        found += _files(entry, f"{name}/") if entry.is_dir() else [(name, entry)]
    return found
