"""The checks that every request passes, and the headers that every answer carries.

A page of any other site can make a browser send requests to this computer. So the server
answers only to its own names (else a name that leads here could be made to, DNS rebinding),
changes something only for its own pages, and tells nothing without the token that stood in
the address with which it was started.
"""

import logging
import re
import secrets
from collections.abc import Mapping, Sequence

from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segmetry.web.refusals import fault, refusal

__all__ = ["HEADERS", "Guard", "cookie_name"]

_log = logging.getLogger(__name__)

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_API = "/api/"
_PART = (b"range", b"if-range")  # no answer is given in parts: many parts are much work
_READING = frozenset({"GET", "HEAD"})
# What takes files counts them itself; a kind that a request names excuses no other.
_FILES = re.compile(
    "/api/v1/(projects/(import|[^/]+/(images|sheet))|images/[^/]+/regions|labels/[^/]+/edited)"
)
_MOST_BYTES = 2**20  # of a body that is no file: a stroke of 4,096 points has 60 kB

_EXPLAINED = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Segmetry</title>
<h1>This window has no permission yet</h1>
<p>Segmetry opens only with the whole address that it printed when it started, the one with
<code>?token=</code>. Copy that address into the browser, or start <code>segmetry app</code>
again.</p></html>
"""
# A link on a page of another site leads here without the cookie, which is strict; what this
# page asks for anew, our own page asks for.
_AGAIN = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0">
<title>Segmetry</title></html>
"""


class Guard:
    """Lets through what may use the app, and answers everything else itself.

    Parameters
    ----------
    application : ASGI application
    token : str
    allowed_hosts : sequence of str
        Values of the header Host, as "127.0.0.1:8000".
    """

    def __init__(
        self, application: ASGIApp, *, token: str, allowed_hosts: Sequence[str]
    ) -> None:
        self._application = application
        self._token = token.encode()
        self._hosts = frozenset(host.lower() for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        scope = {
            **scope,
            "headers": [one for one in scope["headers"] if one[0] not in _PART],
        }
        sent = _Sent(send)
        refused = self._refused(scope) or self._entrance(scope)
        if refused is not None:
            await refused(scope, receive, sent)
            return
        try:
            await self._application(scope, _counted(scope, receive), sent)
        except Exception as error:
            _log.exception("%s %s failed", scope["method"], scope["path"])
            if sent.began:
                raise  # the connection is cut, so that nobody takes a part for the whole
            await fault(error)(scope, receive, sent)

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            told = "This is not the name of Segmetry's server; use the address it printed."
            return refusal(421, "wrong-host", told)
        if scope["method"] in _READING:
            is_ours = headers.get("sec-fetch-site") in {None, "same-origin", "none"}
            is_ours = is_ours or not scope["path"].startswith(_API)
        else:
            is_ours = _is_from_own_page(headers)
        if not is_ours:
            told = "This was asked for by a page of another site; only our own may ask."
            return refusal(403, "other-site", told)
        return None

    def _entrance(self, scope: Scope) -> Response | None:
        """Return what is answered before the token is known, or with the first one."""
        request = Request(scope)
        host = request.headers["host"]
        brought = request.query_params.get("token")
        if brought is not None and request.url.path == "/" and self._is_token(brought):
            answer: Response = RedirectResponse("/", 303)
            answer.set_cookie(
                cookie_name(host),
                brought,
                secure=request.url.scheme == "https",  # before a proxy that encrypts
                httponly=True,
                samesite="strict",
            )
            return answer
        if self._is_token(request.cookies.get(cookie_name(host), "")):
            return None
        if scope["path"].startswith(_API) or scope["method"] not in _READING:
            told = "This window has no permission: use the address with the token."
            return refusal(401, "no-token", told)
        is_linked = request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}
        return HTMLResponse(_AGAIN if is_linked else _EXPLAINED, 401)

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(errors="replace"), self._token)


def cookie_name(host: str) -> str:
    """Return the name of the cookie, another for each port: browsers mix ports up.

    Examples
    --------
    >>> cookie_name("127.0.0.1:8000")
    'segmetry-8000'
    """
    return f"segmetry-{URL(f'http://{host}').port or 80}"


def _is_from_own_page(headers: Headers) -> bool:
    """Return whether a request that changes something comes from a page of ours.

    Browsers say it in one of two headers at least; what says neither is no browser, and
    has no business here.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is None:
        return False
    schemes = ("http", "https")
    own = {f"{scheme}://{headers['host'].lower()}" for scheme in schemes}
    return site in {None, "same-origin"} and (origin is None or origin.lower() in own)


def _counted(scope: Scope, receive: Receive) -> Receive:
    """Refuse a body that is too long while it is read; files have their own limit."""
    if _FILES.fullmatch(scope["path"]):
        return receive
    n_bytes = 0

    async def counting() -> Message:
        nonlocal n_bytes
        message = await receive()
        n_bytes += len(message.get("body", b""))
        if n_bytes > _MOST_BYTES:
            told = f"A request may have {_MOST_BYTES:,} bytes; this one has more."
            raise HTTPException(413, told)
        return message

    return counting


class _Sent:
    """Sends an answer with the headers that all have."""

    def __init__(self, send: Send) -> None:
        self._send, self.began = send, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.began = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
            headers["Accept-Ranges"] = "none"
        await self._send(message)
