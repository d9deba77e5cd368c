"""The address with the token opens the app from wherever it is followed."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

expect = pytest.importorskip("playwright.sync_api").expect


def test_a_project_is_renamed_and_deleted_but_no_local_picture(page, program, powders):
    folder = powders.rename(powders.with_name("to be deleted"))  # a name no other has
    program.open(folder)
    page.goto(program.address)
    page.get_by_role("button", name="Rename: to be deleted").click()
    page.get_by_label("Name of the project").fill("Batch 7")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Rename: Batch 7")).to_be_visible()

    delete = page.get_by_role("button", name="Delete: Batch 7")
    delete.click()
    question = page.get_by_role("alert")
    expect(question).to_contain_text("Pictures in folders of this computer are never del")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_have_count(0)
    assert (folder / ".segmetry").is_dir()
    delete.click()
    question.get_by_role("button", name="Delete for good").click()
    expect(delete).to_have_count(0)
    assert sorted(file.name for file in folder.iterdir()) == ["a.png", "b.png"]


@pytest.fixture
def mail(program):
    """A page of another site that holds the address, with and without the token."""

    class Mail(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            bare = program.address.partition("?")[0]
            links = f'<a href="{program.address}">invited</a><a href="{bare}">again</a>'
            self.wfile.write(links.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Mail) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}/"  # the app is at 127.0.0.1
        server.shutdown()
        thread.join()


def test_a_link_in_a_mail_opens_the_app_and_only_with_the_token(page, mail):
    page.goto(mail)
    page.get_by_role("link", name="again").click()
    expect(page.get_by_text("This window has no permission yet")).to_be_visible()
    for name in ("invited", "again"):
        page.goto(mail)
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("button", name="Try the demo")).to_be_visible()


def test_only_the_texts_of_the_language_in_use_are_loaded(page, program):
    loaded = []
    page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2][:3]))
    page.goto(program.address)
    expect(page.get_by_role("button", name="Try the demo")).to_be_visible()
    assert ("en-" in loaded, "zh-" in loaded) == (True, False)

    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="试用示例")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    loaded.clear()
    page.reload()
    expect(page.get_by_role("button", name="试用示例")).to_be_visible()
    assert ("en-" in loaded, "zh-" in loaded) == (False, True)
