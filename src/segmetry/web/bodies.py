"""Files that are sent as they are, taken in piece by piece."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

import anyio.from_thread
from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from segmetry.web.refusals import RefusedError

__all__ = ["FILE_BODY", "kept"]

_FILE = "application/octet-stream"
FILE_BODY: dict[str, Any] = {
    "requestBody": {"content": {_FILE: {}}, "required": True}
}  # what such a route tells of itself

_T = TypeVar("_T")


async def kept(
    request: Request, keep: Callable[[Iterator[bytes]], _T], *, most: int, instead: str
) -> _T:
    """Return what comes of the pieces of a file, in a thread that may wait for the disk.

    Parameters
    ----------
    request : Request
    keep : callable
        Takes the pieces.
    most : int
        Bytes of the file.
    instead : str
        What to do with a larger one, the end of a sentence.

    Raises
    ------
    RefusedError
        If it is not sent as a file, or is too large.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FILE:
        told = f"A file is sent as {_FILE}, not as {kind or 'nothing'}."
        raise RefusedError(415, "wrong-kind", told)
    if int(request.headers.get("content-length", 0)) > most:
        raise _too_large(most, instead)
    pieces = aiter(request.stream())

    def content() -> Iterator[bytes]:
        n_bytes = 0
        while (piece := anyio.from_thread.run(_next, pieces)) is not None:
            n_bytes += len(piece)
            if n_bytes > most:
                raise _too_large(most, instead)
            yield piece

    return await run_in_threadpool(lambda: keep(content()))


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    return await anext(pieces, None)


def _too_large(most: int, instead: str) -> RefusedError:
    told = f"The file has more than the {most:,} bytes that can be sent; {instead}."
    return RefusedError(413, "too-large", told)
