import asyncio
import json

import httpx
import pytest

from segmetry.web.events import Events
from segmetry.web.news import stream


def heard(events, last, *, n, **times):
    """Return the first n pieces of a stream."""

    async def listen():
        source = stream(events, last, **{"look": 0.001, **times})
        pieces = [await anext(source) for _ in range(n)]
        await source.aclose()
        return pieces

    return asyncio.run(listen())


def test_news_carry_their_number_and_their_name():
    events = Events()
    first = events.last
    events.publish("labels", {"label": "L", "rev": 3})
    _, piece = heard(events, first, n=2)
    number, name, data, *rest = piece.split("\n")
    assert number == f"id: {first + 1}"
    assert name == "event: labels"
    assert json.loads(data.removeprefix("data: ")) == {"label": "L", "rev": 3}
    assert rest == ["", ""]


def test_after_a_broken_line_only_what_was_missed_comes():
    events = Events()
    for rev in range(5):
        events.publish("labels", {"rev": rev})
    _, *pieces = heard(events, events.last - 2, n=3)
    assert ['"rev":3' in pieces[0], '"rev":4' in pieces[1]] == [True, True]


def test_a_window_that_was_away_gets_the_newest_thousand():
    events = Events()
    first = events.last
    for rev in range(1005):
        events.publish("labels", {"rev": rev})
    told = [event.content["rev"] for event in events.after(first)]
    assert told == list(range(5, 1005))


def test_silence_is_broken_by_a_sign_of_life():
    pieces = heard(Events(), 10**15, n=3, look=0.001, heartbeat=0.002)
    assert [piece.startswith(":") for piece in pieces] == [True] * 3


def test_a_stream_ends_when_the_server_stops():
    events = Events()

    async def listen():
        pieces = []
        async for piece in stream(events, events.last, look=0.001):
            pieces.append(piece)
            events.close()
        return pieces

    assert len(asyncio.run(listen())) == 1


def test_numbers_go_on_rising_in_the_next_program():
    before = Events()
    before.publish("labels", {})
    assert Events().last >= before.last - 1


@pytest.mark.parametrize("last", ["", "no number", "9" * 5000, "-1"])
def test_a_window_hears_of_what_happens_from_now_on(client, application, last):
    events = application.state.events
    events.publish("labels", {"rev": 1})
    headers = {"Last-Event-ID": last}
    with client.stream("GET", "/api/v1/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["X-Accel-Buffering"] == "no"  # nginx sends news at once
        lines = answer.iter_lines()
        assert next(lines).startswith(":")
        events.publish("labels", {"rev": 2})
        found = [next(lines) for _ in range(4)]
    assert json.loads(found[-1].removeprefix("data: ")) == {"rev": 2}


def test_a_stranger_hears_nothing(stranger):
    with pytest.raises(httpx.HTTPStatusError):
        stranger.get("/api/v1/events").raise_for_status()
