"""Conditions of pictures come as a CSV sheet."""

import pytest

OCTETS = {"Content-Type": "application/octet-stream"}
SHEET = b"image;sample;time_h\na.png;x;1,5\nz.png;;2\n"


@pytest.fixture
def address(store, project, picture):
    assert project.pictures.record(picture).name == "a.png"
    (identifier,) = [one.id for one in store.listed()]
    return f"/api/v1/projects/{identifier}/sheet"


def test_a_sheet_is_taken_told_and_forgotten(client, address):
    nothing = client.get(address).json()
    assert nothing == {
        "name": None,
        "source": None,
        "conditions": [],
        "rows": {"columns": ["image"], "values": [["a.png"]]},
        "remarks": [],
    }
    answer = client.put(address, content=SHEET, headers=OCTETS)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["source"], told["conditions"]) == ("uploaded", ["sample", "time_h"])
    assert told["rows"]["values"] == [["a.png", "x", 1.5]]
    assert told["remarks"] == ["The sheet's row z.png belongs to no picture."]
    assert client.get(address).json() == told
    assert client.delete(address).json() == nothing


def test_a_picture_that_the_sheet_lacks_has_no_conditions(client, address):
    sheet = b"image,gas,time_h\nb.png,air,1\n"
    told = client.put(address, content=sheet, headers=OCTETS).json()
    assert told["rows"]["values"] == [["a.png", None, None]]
    assert "no row for a.png" in told["remarks"][0]


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"name,time\na,1\n", OCTETS, 422),
        (b"image,n_objects\na,1\n", OCTETS, 422),
        (b"image,time\na,1\n", {"Content-Type": "text/csv"}, 415),
        (b"x" * (2**22 + 1), OCTETS, 413),
    ],
)
def test_what_is_no_sheet_is_refused_in_a_sentence(
    client, address, content, headers, status
):
    answer = client.put(address, content=content, headers=headers)
    assert answer.status_code == status
    assert len(answer.json()["error"]["message"]) > 20
    assert client.get(address).json()["source"] is None
