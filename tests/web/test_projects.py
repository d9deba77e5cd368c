"""Projects are made, listed and opened over HTTP."""

import pytest


def test_a_new_project_is_opened_and_listed(client):
    made = client.post("/api/v1/projects", json={"name": "  Powder "})
    assert made.status_code == 201
    identifier = made.json()["id"]
    assert client.get(f"/api/v1/projects/{identifier}").json() == {
        "id": identifier,
        "name": "Powder",
        "pictures": [],
    }
    [listed] = client.get("/api/v1/projects").json()
    assert (listed["name"], listed["n_pictures"]) == ("Powder", 0)


def test_a_project_is_renamed_and_taken_off_the_list(client):
    identifier = client.post("/api/v1/projects", json={"name": "Powder"}).json()["id"]
    address = f"/api/v1/projects/{identifier}"
    assert client.patch(address, json={"name": "Batch 7"}).json()["name"] == "Batch 7"
    assert client.get("/api/v1/projects").json()[0]["name"] == "Batch 7"
    assert client.delete(address).status_code == 204
    assert client.get("/api/v1/projects").json() == []
    assert client.get(address).status_code == 404


def test_a_project_is_deleted_with_its_files(client, home):
    made = client.post("/api/v1/projects/open", json={"folder": str(home)}).json()["id"]
    assert (home / ".segmetry").is_dir()
    address = f"/api/v1/projects/{made}"
    assert client.delete(address, params={"files": "true"}).status_code == 204
    assert client.get("/api/v1/projects").json() == []
    assert [file.name for file in home.iterdir()] == ["a.png"]
    assert client.delete(address, params={"files": "true"}).status_code == 404


def test_a_folder_of_this_computer_is_opened(client, home):
    answer = client.post("/api/v1/projects/open", json={"folder": str(home)})
    assert answer.json()["name"] == home.name
    again = client.post("/api/v1/projects/open", json={"folder": str(home)})
    assert again.json()["id"] == answer.json()["id"]
    gone = client.post("/api/v1/projects/open", json={"folder": str(home / "none")})
    assert (gone.status_code, gone.json()["error"]["code"]) == (507, "write")


@pytest.mark.parametrize(
    "body", [{}, {"name": " "}, {"name": "x" * 201}, {"name": "x", "more": 1}, [], "x"]
)
def test_what_is_no_name_is_refused(client, body):
    assert client.post("/api/v1/projects", json=body).status_code == 422
    assert client.get("/api/v1/projects").json() == []
