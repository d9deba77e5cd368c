"""The built client is served, and nothing else of the disk."""

from urllib.parse import quote

import pytest

from segmetry.web import client as served

from .test_application import TRAVERSALS


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A client of three files, beside a file that is no part of it."""
    (tmp_path / "secret.txt").write_text("secret")
    static = tmp_path / "web" / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><title>The client</title>")
    (static / "assets" / "main-1a2b.js").write_text("let a;")
    (static / "icon.svg").write_text("<svg/>")
    monkeypatch.setattr(served, "files", lambda _: tmp_path)
    return static


@pytest.mark.parametrize(
    ("name", "kind", "keep"),
    [
        ("", "text/html; charset=utf-8", "no-cache"),
        ("index.html", "text/html; charset=utf-8", "no-cache"),
        ("icon.svg", "image/svg+xml", "no-cache"),
        (
            "assets/main-1a2b.js",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
    ],
)
def test_files_are_served_with_their_kind_and_how_long_to_keep_them(
    client, built, name, kind, keep
):
    answer = client.get(f"/{name}")
    assert answer.status_code == 200
    assert answer.content == (built / (name or "index.html")).read_bytes()
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Cache-Control"] == keep


@pytest.mark.usefixtures("built")
def test_nothing_else_is_served(client):
    hostile = [name for name in TRAVERSALS if name not in {".", ".."}]  # those are "/"
    for name in ("secret.txt", "assets", "assets/", "no-such.js", *hostile):
        answer = client.get("/" + quote(name, safe="%"))
        assert answer.status_code in {400, 404}, name
        assert "secret" not in answer.text


def test_a_client_that_was_not_built_is_explained(client, tmp_path, monkeypatch):
    monkeypatch.setattr(served, "files", lambda _: tmp_path)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "npm run build" in answer.text
    assert client.get("/icon.svg").status_code == 404


def test_without_a_token_no_file_is_served(stranger, built):
    assert built.is_dir()
    assert stranger.get("/icon.svg").status_code == 401
