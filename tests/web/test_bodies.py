"""Files are taken in piece by piece, and no more of them than may come."""

import asyncio

import pytest
from starlette.requests import Request

from segmetry.web.bodies import kept
from segmetry.web.refusals import RefusedError


def request(pieces, **headers):
    messages = [
        {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
    ]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    raw = [
        (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
    ]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": raw}

    async def receive():
        return messages.pop(0)

    return Request(scope, receive)


def take(pieces, keep=b"".join, *, most=10, **headers):
    headers = {"content_type": "application/octet-stream"} | headers
    asked = request(pieces, **headers)
    return asyncio.run(kept(asked, keep, most=most, instead="cut it into parts"))


def test_all_pieces_come_in_their_order():
    assert take([b"abc", b"", b"de", b"f"]) == b"abcdef"
    assert take([]) == b""
    assert take([b"0123456789"]) == b"0123456789"


@pytest.mark.parametrize(
    ("pieces", "headers"),
    [([b"0123456789", b"x"], {}), ([b"x" * 11], {}), ([], {"content_length": "11"})],
)
def test_one_byte_too_many_is_refused_with_what_to_do(pieces, headers):
    with pytest.raises(RefusedError, match=r"10 bytes.*cut it into parts") as refused:
        take(pieces, **headers)
    assert (refused.value.status, refused.value.code) == (413, "too-large")


def test_what_is_too_large_is_not_taken_to_its_end():
    seen = []
    with pytest.raises(RefusedError):
        take([b"x" * 4] * 9, lambda content: [seen.append(piece) for piece in content])
    assert seen == [b"x" * 4] * 2


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data; boundary=x"])
def test_forms_and_words_are_no_files(kind):
    with pytest.raises(
        RefusedError, match="is sent as application/octet-stream"
    ) as refused:
        take([b"x"], content_type=kind)
    assert refused.value.status == 415


def test_what_goes_wrong_while_it_is_kept_is_passed_on():
    def keep(_):
        raise KeyError

    with pytest.raises(KeyError):
        take([b"x"], keep)
