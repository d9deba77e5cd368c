import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from segmetry.cli import main
from segmetry.errors import WriteError
from segmetry.web import serving
from segmetry.web.serving import STATIC, serve

has_client = pytest.mark.skipif(
    not (STATIC / "index.html").is_file(), reason="the client was not built here"
)


def never(address):
    pytest.fail(f"it was served at {address}")


def test_without_the_built_client_a_sentence_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "STATIC", tmp_path)
    with pytest.raises(WriteError, match="was not built into this installation"):
        serve(None, ready=never)


def test_an_address_that_is_not_ours_is_refused(tmp_path, monkeypatch):
    (tmp_path / "index.html").touch()
    monkeypatch.setattr(serving, "STATIC", tmp_path)
    with pytest.raises(WriteError, match=r"cannot listen on 203\.0\.113\.7"):
        serve(None, host="203.0.113.7", ready=never)


def test_a_port_that_is_no_port_is_refused(tmp_path, monkeypatch):
    (tmp_path / "index.html").touch()
    monkeypatch.setattr(serving, "STATIC", tmp_path)
    with pytest.raises(WriteError, match="from 0 to 65535"):
        serve(None, port=99_999, ready=never)


def test_another_port_is_taken_where_the_usual_one_is_not_free(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        usual = taken.getsockname()[1]
        monkeypatch.setattr(serving, "PORT", usual)
        with serving._listener("127.0.0.1", None) as other:
            assert other.getsockname()[1] not in {0, usual}


def test_small_answers_do_not_wait_until_the_browser_has_confirmed_earlier_ones():
    with (
        serving._listener("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        sends_at_once = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert sends_at_once


def test_a_port_that_was_asked_for_and_is_taken_is_told(tmp_path, monkeypatch):
    (tmp_path / "index.html").touch()
    monkeypatch.setattr(serving, "STATIC", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]
        with pytest.raises(WriteError, match=f"Port {wanted} is taken by another program"):
            serve(None, port=wanted, ready=never)


@pytest.mark.parametrize("token", ["", "short", "x" * 31, "ü" * 40, "a b" * 20])
def test_a_token_that_could_be_guessed_or_is_none_is_refused(monkeypatch, tmp_path, token):
    (tmp_path / "index.html").touch()
    monkeypatch.setattr(serving, "STATIC", tmp_path)
    monkeypatch.setenv("SEGMETRY_TOKEN", token)
    with pytest.raises(WriteError, match="SEGMETRY_TOKEN must have 32"):
        serve(None, port=0, ready=never)


def test_a_token_is_another_at_each_start_unless_it_was_chosen(monkeypatch):
    monkeypatch.delenv("SEGMETRY_TOKEN", raising=False)
    assert serving._token() != serving._token()
    monkeypatch.setenv("SEGMETRY_TOKEN", "chosen-" * 5)
    assert serving._token() == "chosen-" * 5


def test_browsers_may_call_this_computer_only_by_its_own_names():
    assert set(serving._names("127.0.0.1", 80)) == {"127.0.0.1:80", "localhost:80"}
    assert f"{socket.gethostname()}:80" in serving._names("0.0.0.0", 80)
    assert "[::1]:80" in serving._names("::1", 80)


def test_a_computer_that_does_not_know_itself_is_still_called_by_name(monkeypatch):
    def unknown(*_):
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert f"{socket.gethostname()}:80" in serving._names("0.0.0.0", 80)


@pytest.fixture
def program(home):
    """The app in a process of its own, about the folder `home`."""
    words = [sys.executable, "-m", "segmetry", "app", str(home), "--no-browser"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*words, "--port", "0"], stdout=pipe, stderr=pipe, text=True
    ) as program:
        yield program
        program.kill()


@has_client
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
def test_the_app_opens_a_folder_and_stops_cleanly(home, program):
    line = program.stdout.readline()
    address, project = re.search(r"(http\S+)#(\w+)", line).groups()
    root = address.partition("?")[0]
    with httpx.Client(trust_env=False, timeout=60) as browser:
        assert browser.get(root).status_code == 401
        page = browser.get(address, follow_redirects=True)
        assert "<!doctype html>" in page.text.lower()
        browser.headers["Sec-Fetch-Site"] = "same-origin"
        opened = browser.get(f"{root}api/v1/projects/{project}").json()
        with browser.stream("GET", f"{root}api/v1/events") as news:
            assert next(news.iter_lines()).startswith(":")
            program.send_signal(signal.SIGINT)
            output, errors = program.communicate(timeout=120)
    assert [picture["name"] for picture in opened["pictures"]] == ["a.png"]
    assert (program.returncode, errors) == (0, "")
    assert output.endswith("Stopped.\n")
    assert not (home / ".segmetry" / "lock.json").exists()


def test_a_project_that_is_open_elsewhere_is_told_of(
    home, project, monkeypatch, capsys, tmp_path
):
    assert project.folder.parent == home
    (tmp_path / "index.html").touch()
    monkeypatch.setattr(serving, "STATIC", tmp_path)
    monkeypatch.setattr(sys, "argv", ["segmetry", "app", str(home), "--no-browser"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("Error: ")


FREEZE = """
import gc
from segmetry.web.serving import serve

def told(address):
    print(gc.get_freeze_count())
    raise KeyboardInterrupt

serve(None, port=0, ready=told)
"""


@has_client
@pytest.mark.slow
@pytest.mark.usefixtures("home")
def test_what_stays_for_good_is_not_looked_through_for_what_may_go():
    words = [sys.executable, "-c", FREEZE]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert int(done.stdout) > 50_000, done.stderr
