"""Who may ask the server what: every combination of name, origin, method and token."""

import asyncio
import itertools
import logging

import httpx
import pytest

from segmetry.web import security
from segmetry.web.security import HEADERS, cookie_name

from .conftest import TOKEN

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OWN, STRANGE = "own", "strange"
ORIGINS = (None, OWN, STRANGE, "null")
SITES = (None, "same-origin", "same-site", "cross-site", "none")


def expected(method, host, origin, site, token):
    """The status that each combination must get, by the rules in words."""
    if host == STRANGE:
        return {421}
    if method in ("GET", "HEAD"):
        if site in ("same-site", "cross-site"):
            return {403}
    elif (
        origin in (STRANGE, "null")
        or site not in (None, "same-origin")
        or (origin is None and site is None)
    ):
        return {403}
    return {200, 201, 404, 405, 422} if token == OWN else {401}


def headers_of(case, host):
    """What a browser would send."""
    _, asked_host, origin, site, token = case
    headers = {"Host": host if asked_host == OWN else "rebound.example"}
    if origin is not None:
        shown = {OWN: f"http://{host}", STRANGE: "http://evil.example"}
        headers["Origin"] = shown.get(origin, origin)
    if site is not None:
        headers["Sec-Fetch-Site"] = site
    if token is not None:
        value = TOKEN if token == OWN else "guessed"
        headers["Cookie"] = f"{cookie_name(host)}={value}"
    return headers


@pytest.mark.parametrize("method", METHODS)
def test_only_our_own_page_with_the_token_is_answered(application, host, method):
    async def ask_all():
        transport = httpx.ASGITransport(application)
        client = httpx.AsyncClient(transport=transport, base_url=f"http://{host}")
        rest = ((OWN, STRANGE), ORIGINS, SITES, (None, OWN, STRANGE))
        async with client:
            for case in itertools.product([method], *rest):
                headers = headers_of(case, host)
                answer = await client.request(method, "/api/v1/projects", headers=headers)
                assert answer.status_code in expected(*case), case
                assert {key: answer.headers[key] for key in HEADERS} == dict(HEADERS)
                assert "access-control" not in str(answer.headers).lower()

    asyncio.run(ask_all())


@pytest.mark.parametrize(
    "name",
    ["", "localhost", "evil.example", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil:80"],
)
def test_the_server_answers_to_its_own_names_only(client, name):
    assert client.get("/api/v1/projects", headers={"Host": name}).status_code == 421


def test_another_port_of_this_computer_is_another_site(client):
    headers = {"Origin": "http://127.0.0.1:1"}
    answer = client.post("/api/v1/projects", json={"name": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "other-site")


def test_the_address_with_the_token_gives_a_cookie_that_no_script_reads(stranger, host):
    answer = stranger.get("/", params={"token": TOKEN})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert answer.headers["Cache-Control"] == "no-store"
    value, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert value == f"{cookie_name(host)}={TOKEN}"
    assert {"HttpOnly", "Path=/", "SameSite=strict"} == set(attributes)


def test_behind_a_proxy_that_encrypts_the_cookie_is_sent_over_encrypted_lines_only(
    stranger,
):
    asked = {"X-Forwarded-Proto": "https"}
    answer = stranger.get("/", params={"token": TOKEN}, headers=asked)
    assert "Secure" in answer.headers["Set-Cookie"].split("; ")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_of_another_site_is_followed_by_our_own_page(stranger, site):
    answer = stranger.get("/", headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, 'http-equiv="refresh"' in answer.text) == (401, True)
    for own in ({}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
        assert "refresh" not in stranger.get("/", headers=own).text


@pytest.mark.parametrize("token", ["", "guessed", TOKEN[:-1], TOKEN + "x", "é", "\udcff"])
def test_a_wrong_token_gives_a_page_that_explains(stranger, token):
    address = "/?token=" + "".join(
        f"%{b:02x}" for b in token.encode(errors="surrogatepass")
    )
    answer = stranger.get(address)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert "segmetry app" in answer.text


def test_the_token_counts_in_the_first_address_only(stranger):
    answer = stranger.get("/api/v1/projects", params={"token": TOKEN})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "no-token")


def test_servers_on_two_ports_do_not_overwrite_their_cookies():
    assert cookie_name("127.0.0.1:8000") != cookie_name("127.0.0.1:8001")
    assert cookie_name("[::1]:8000") == "segmetry-8000"
    assert cookie_name("lab.example") == "segmetry-80"


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_is_no_file_is_limited_while_it_is_read(client, is_chunked):
    body = b'{"name": "' + b"x" * 2**20 + b'"}'
    headers = {"Content-Type": "application/json"}
    content = iter([body[:1000], body[1000:]]) if is_chunked else body
    answer = client.post("/api/v1/projects", content=content, headers=headers)
    assert answer.status_code == 413
    assert answer.json()["error"]["message"].startswith(
        "A request may have 1,048,576 bytes"
    )


FILES = {
    "/api/v1/images/{picture}/regions": "post",
    "/api/v1/labels/{label}/edited": "post",
    "/api/v1/projects/import": "post",
    "/api/v1/projects/{project}/images": "post",
    "/api/v1/projects/{project}/sheet": "put",
}


def test_a_body_that_calls_itself_a_file_is_limited_where_none_is_taken(
    application, client
):

    def content():
        for _ in range(20):
            yield b"[" * 2**20

    headers = {"Content-Type": "application/octet-stream"}
    answer = client.post("/api/v1/projects", content=content(), headers=headers)
    assert answer.status_code == 413
    described = application.openapi()["paths"]
    taken = {
        path: method
        for path, methods in described.items()
        for method, told in methods.items()
        if "application/octet-stream" in told.get("requestBody", {}).get("content", {})
    }
    assert taken == FILES
    for path in described:
        address = path.replace("{", "").replace("}", "")
        assert bool(security._FILES.fullmatch(address)) == (path in FILES)


def test_no_answer_comes_in_parts(client, label):
    address = f"/api/v1/labels/{label}/export?fmt=csv"
    whole = client.get(address)
    for asked in ("bytes=0-1", "bytes=0-1,5-9", "bytes=99999999-"):
        headers = {"Range": asked, "If-Range": '"x"'}
        answer = client.get(address, headers=headers)
        assert (answer.status_code, answer.content) == (200, whole.content)
        assert answer.headers["Accept-Ranges"] == "none"


def test_a_fault_of_ours_is_told_without_its_trace(store, client, caplog, monkeypatch):
    def broken():
        msg = "a secret of the program"
        raise RuntimeError(msg)

    monkeypatch.setattr(store, "listed", broken)
    with caplog.at_level(logging.ERROR, logger="segmetry.web.security"):
        answer = client.get("/api/v1/projects")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "fault")
    assert "secret" not in answer.text
    assert "a secret of the program" in caplog.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_there_are_no_web_sockets(application):
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "websocket", "path": "/api/v1/events", "headers": []}
    asyncio.run(application.build_middleware_stack()(scope, None, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_what_scripts_may_do_is_listed_without_exceptions_for_inline_ones():
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
