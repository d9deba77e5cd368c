"""Numbers of pixels as an answer, packed as the browser takes it."""

import gzip
from collections.abc import Mapping

import imagecodecs
from fastapi import Response

__all__ = ["packed_answer"]

_FASTEST = 1  # of gzip's levels: labels pack well with any


def packed_answer(packed: bytes, accepted: str, headers: Mapping[str, str]) -> Response:
    """Return bytes as they are where the browser takes zstd, else packed anew or plain.

    Parameters
    ----------
    packed : bytes
        Packed with zstd.
    accepted : str
        The browser's header Accept-Encoding.
    headers : mapping
        Further headers of the answer.

    Returns
    -------
    Response

    Examples
    --------
    >>> answer = packed_answer(imagecodecs.zstd_encode(b"abc"), "", {})
    >>> answer.body, answer.headers["vary"]
    (b'abc', 'Accept-Encoding')
    """
    told = {**headers, "Vary": "Accept-Encoding"}
    content = packed
    if _takes(accepted, "zstd"):
        told["Content-Encoding"] = "zstd"
    else:
        content = bytes(imagecodecs.zstd_decode(packed))
        if _takes(accepted, "gzip"):
            content = gzip.compress(content, _FASTEST, mtime=0)
            told["Content-Encoding"] = "gzip"
    return Response(content, headers=told, media_type="application/octet-stream")


def _takes(accepted: str, encoding: str) -> bool:
    """Return whether a browser takes an encoding; one with weight 0 it does not.

    Examples
    --------
    >>> _takes("gzip, deflate, br, zstd", "zstd"), _takes("zstd;q=0, gzip", "zstd")
    (True, False)
    """
    for item in accepted.split(","):
        name, _, weight = item.partition(";")
        if name.strip().lower() == encoding:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
