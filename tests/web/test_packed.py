import gzip

import imagecodecs
import pytest

from segmetry.web.packed import packed_answer

PLAIN = bytes(range(200)) * 50
PACKED = bytes(imagecodecs.zstd_encode(PLAIN))


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("ZSTD", "zstd"),
        ("gzip;q=1.0, zstd;q=0", "gzip"),
        ("gzip;q=1.0, zstd; q=0.000", "gzip"),
        ("br", None),
        ("gzip;q=0", None),
        ("", None),
    ],
)
def test_what_is_sent_is_the_same_however_it_is_packed(accepted, encoding):
    answer = packed_answer(PACKED, accepted, {"X-Objects": "3"})
    unpack = {"zstd": imagecodecs.zstd_decode, "gzip": gzip.decompress, None: bytes}
    assert answer.headers.get("content-encoding") == encoding
    assert bytes(unpack[encoding](answer.body)) == PLAIN
    assert answer.headers["x-objects"] == "3"
    assert answer.headers["vary"] == "Accept-Encoding"


def test_the_same_numbers_are_packed_to_the_same_bytes():
    first, second = (packed_answer(PACKED, "gzip", {}).body for _ in range(2))
    assert first == second
