"""The demo needs nothing of one's own."""


def test_the_demo_is_a_project_with_a_picture(client):
    answer = client.post("/api/v1/demo", json={})
    assert answer.status_code == 201
    [picture] = answer.json()["pictures"]
    assert (picture["name"], picture["status"]) == ("powder.png", "reading")
    assert client.get("/api/v1/projects").json()[0]["n_pictures"] == 1
