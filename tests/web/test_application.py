"""What holds for all routes: paths cannot be left, and errors have one shape."""

import asyncio
import re
from urllib.parse import quote

import httpx
import pytest

from segmetry.web.security import cookie_name

from .conftest import TOKEN

SECRET = "secret.txt"
_UP = ("../", "..\\", "....//", "..;/", "%2e%2e/", "%2e%2e%2f", "..%2f", "..%5c")
_DEEPER = ("%252e%252e%252f", "..%c0%af", "..%ef%bc%8f", "%c0%ae%c0%ae/", "．．/", ".%00./")
TRAVERSALS = [
    *(step * n + SECRET for step in (*_UP, *_DEEPER) for n in (1, 4)),
    *(f"/{SECRET}", f"//{SECRET}", f"\\\\host\\{SECRET}", f"file:///{SECRET}"),
    *(f"C:\\{SECRET}", f"C:{SECRET}", "..", ".", "~", f"~/{SECRET}", "CON", "nul.txt"),
    *("%00", f"{SECRET}%00.png", "a%0d%0aX-Evil: 1", " ", "é", "\u202e", "'", '"; --'),
]


def one_path_each(application):
    """For each parameter of a path, the first route that has it."""
    found = {}
    for path, methods in application.openapi()["paths"].items():
        for part in path.split("/"):
            if part.startswith("{"):
                found.setdefault(part[1:-1], (next(iter(methods)).upper(), path))
    return found


def test_there_are_many_ways_to_leave_a_folder():
    assert len(set(TRAVERSALS)) >= 40


@pytest.mark.slow
def test_no_parameter_of_a_path_leads_out_of_it(
    application, host, tmp_path, picture, label
):
    (tmp_path / SECRET).write_text("told")
    known = {"project": "0" * 26, "picture": picture, "label": label, "job": label}
    headers = {"Origin": f"http://{host}", "Cookie": f"{cookie_name(host)}={TOKEN}"}

    async def ask_all():
        transport = httpx.ASGITransport(application)
        base = f"http://{host}"
        async with httpx.AsyncClient(
            transport=transport, base_url=base, headers=headers
        ) as client:
            for name, (method, path) in one_path_each(application).items():
                # A browser takes dots alone out of an address before it asks.
                for hostile in [name for name in TRAVERSALS if name.strip(".")]:
                    parts = dict.fromkeys(re.findall("{(.*?)}", path), "0") | known
                    parts[name] = quote(hostile, safe="%/\\:")
                    answer = await client.request(method, path.format(**parts), json={})
                    case = (method, path, hostile, answer.status_code)
                    assert 400 <= answer.status_code < 500, case
                    assert "told" not in answer.text, case
                    assert "X-Evil" not in answer.headers, case

    asyncio.run(ask_all())


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/no-such", 404, "missing"),
        ("PUT", "/api/v1/projects", 405, "method-not-allowed"),
        ("GET", "/api/v1/projects/not-an-identifier", 404, "missing"),
        ("GET", "/api/v1/projects/" + "0" * 26, 404, "missing"),
        ("GET", "/api/v1/images/" + "0" * 26, 404, "missing"),
        ("POST", "/api/v1/projects", 422, "invalid"),
    ],
)
def test_errors_have_one_shape(client, method, path, status, code):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["message"].endswith(".")


def test_no_page_of_another_host_is_needed_to_read_about_the_routes(client):
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "Segmetry"
