"""Projects are made, listed and opened over HTTP."""


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
