"""The page about labs says what the program does, and its proxies really work."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from segmetry.web import application, news, projects, readings, security, serving
from segmetry.web.serving import STATIC

PAGE = (Path(__file__).parents[2] / "docs" / "lab_server.md").read_text(encoding="utf-8")
TOKEN = "a-token-that-a-lab-has-chosen-for-itself"


def block(language):
    """A block of code of the page."""
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


def test_the_numbers_of_the_page_are_the_programs():
    assert set(re.findall(r"(?:127\.0\.0\.1:|--port )(\d+)", PAGE)) == {str(serving.PORT)}
    gigabytes = projects._ARCHIVE * application.MOST_BYTES // 2**30
    assert f"client_max_body_size {gigabytes}g;" in block("nginx")
    assert f"a project over {gigabytes} GiB" in PAGE
    assert f"a picture over {application.MOST_BYTES // 2**30} GiB" in PAGE
    assert f"another request over {security._MOST_BYTES // 2**20} MiB" in PAGE
    assert f"every {news._HEARTBEAT:.0f} seconds" in PAGE
    assert f"over {readings._MOST_SECONDS / 60:.0f} minutes" in PAGE


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def answers(port):
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def certificate(tmp_path):
    """A certificate of the lab's name, and its key, in one file each."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl")
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=lab.example.org"
    files = [tmp_path / "lab.pem", tmp_path / "lab.key"]
    ends = ["-out", str(files[0]), "-keyout", str(files[1])]
    subprocess.run([*words.split(), *ends], check=True, capture_output=True)
    return files


def nginx(folder, configuration):
    path = folder / "nginx.conf"
    places = "".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path.write_text(
        f"pid {folder}/pid; daemon off; error_log {folder}/errors; events {{}}\n"
        f"http {{ access_log {folder}/access; {places}\n{configuration} }}"
    )
    return ["nginx", "-p", str(folder), "-c", str(path), "-e", str(folder / "errors")]


def caddy(folder, configuration):
    path = folder / "Caddyfile"
    path.write_text("{\n admin off\n auto_https disable_redirects\n}\n" + configuration)
    return ["caddy", "run", "--config", str(path), "--adapter", "caddyfile"]


@pytest.fixture(params=[nginx, caddy], ids=lambda proxy: proxy.__name__)
def lab(request, tmp_path, certificate):
    """The port of the page's proxy, with the app behind it."""
    name = request.param.__name__
    if shutil.which(name) is None:
        pytest.skip(f"there is no {name}")
    if not (STATIC / "index.html").is_file():
        pytest.skip("the app's client was not built")
    inner, outer = free_port(), free_port()
    text = block(name).replace(f":{serving.PORT}", f":{inner}")
    text = re.sub(r"listen\s+443", f"listen {outer}", text)
    text = re.sub(r"/etc/ssl/\S+\.pem", str(certificate[0]), text)
    text = re.sub(r"/etc/ssl/\S+\.key", str(certificate[1]), text)
    if name == "caddy":
        tls = f"lab.example.org:{outer} {{\n tls {certificate[0]} {certificate[1]}\n"
        text = text.replace("lab.example.org {\n", tls)
    words = [sys.executable, "-m", "segmetry", "app", "--no-browser", "--port", str(inner)]
    app = subprocess.Popen(
        [*words, "--allow-host", f"lab.example.org:{outer}"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"SEGMETRY_TOKEN": TOKEN, "SEGMETRY_PROJECTS": str(tmp_path)},
    )
    proxy = subprocess.Popen(request.param(tmp_path, text), env=os.environ, cwd=tmp_path)
    try:
        assert app.stdout.readline().startswith("Segmetry is open")
        while not answers(outer):
            assert proxy.poll() is None
            time.sleep(0.05)
        yield outer
    finally:
        for process in (proxy, app):
            process.terminate()
            process.communicate()


@pytest.mark.slow
def test_behind_the_pages_proxy_all_works_and_the_token_is_in_no_log(lab, tmp_path):
    trust = ssl.create_default_context(cafile=str(tmp_path / "lab.pem"))
    trust.check_hostname = False  # the name leads nowhere here
    origin = f"https://lab.example.org:{lab}"
    with httpx.Client(
        base_url=f"https://127.0.0.1:{lab}",
        headers={"Host": origin.removeprefix("https://")},
        verify=trust,
        trust_env=False,
        timeout=60,
        http2=False,
    ) as browser:
        browser.event_hooks["request"].append(
            lambda request: request.extensions.update(sni_hostname="lab.example.org")
        )
        entered = browser.get("/", params={"token": TOKEN})
        assert (entered.status_code, entered.headers["Location"]) == (303, "/")
        cookie, *kinds = entered.headers["Set-Cookie"].split("; ")
        assert "Secure" in kinds
        browser.headers["Cookie"] = cookie
        page = browser.get("/")
        assert page.status_code == 200
        for name, value in security.HEADERS.items():
            assert page.headers[name] == value
        _works(browser, origin)
    logs = [path for path in (tmp_path / "access", tmp_path / "errors") if path.exists()]
    assert not any(TOKEN in path.read_text() for path in logs)


def _works(browser, origin):
    """A project is made, a large file goes up, and news of it come at once."""
    body = {"name": "Powder"}
    evil = {"Origin": "https://evil.example"}
    assert browser.post("/api/v1/projects", json=body, headers=evil).status_code == 403
    browser.headers["Origin"] = origin
    made = browser.post("/api/v1/projects", json=body)
    assert made.status_code == 201
    place = f"/api/v1/projects/{made.json()['id']}/images"
    with browser.stream("GET", "/api/v1/events") as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith(":")
        sent = browser.post(
            place,
            params={"name": "large.png"},
            content=bytes(3 * 2**20),  # no picture, but more than proxies let through
            headers={"Content-Type": "application/octet-stream"},
        )
        assert sent.status_code == 201
        begun = time.monotonic()
        assert any(line == "event: picture" for line in lines)
        assert time.monotonic() - begun < 30
