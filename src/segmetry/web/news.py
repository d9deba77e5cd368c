"""The stream of news: server-sent events, one stream for each open window."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from segmetry.web.events import Event, Events
from segmetry.web.parts import InEvents

__all__ = ["router", "stream"]

router = APIRouter(tags=["events"])

_NUMBER = re.compile("[0-9]{1,18}")
_LOOK = 0.1  # seconds between two looks for news
_HEARTBEAT = (
    15.0  # seconds of silence after which a sign of life keeps proxies from closing
)


@router.get("/events")
async def listen(
    events: InEvents, last_event_id: Annotated[str, Header()] = ""
) -> StreamingResponse:
    """Send news as they come; after a broken line, also what was missed meanwhile."""
    is_number = _NUMBER.fullmatch(last_event_id)
    heard = int(last_event_id) if is_number else events.last
    return StreamingResponse(
        stream(events, heard),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def stream(
    events: Events, heard: int, *, look: float = _LOOK, heartbeat: float = _HEARTBEAT
) -> AsyncIterator[str]:
    """Yield events as text until they are closed.

    Parameters
    ----------
    events : Events
    heard : int
        Identifier of the event that was heard last.
    look, heartbeat : float
        Seconds between two looks for news, and between two signs of life.
    """
    silent = 0.0
    yield ": Segmetry\n\n"
    while not events.is_closed:
        for event in events.after(heard):
            heard, silent = event.id, 0.0
            yield _text(event)
        await asyncio.sleep(look)
        silent += look
        if silent >= heartbeat:
            silent = 0.0
            yield ": still here\n\n"


def _text(event: Event) -> str:
    content = json.dumps(event.content, separators=(",", ":"))
    return f"id: {event.id}\nevent: {event.kind}\ndata: {content}\n\n"
