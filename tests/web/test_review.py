import uuid

import pytest


@pytest.fixture
def ask(client, label):
    def get(status=200, **asked):
        answer = client.get(f"/api/v1/labels/{label}/review", params=asked)
        assert answer.status_code == status, answer.text
        return answer.json()

    return get


@pytest.fixture
def judge(client, label, opened):
    def post(kind, *ids):
        body = {"op_id": str(uuid.uuid4()), "base": opened.rev, "kind": kind, "ids": ids}
        answer = client.post(f"/api/v1/labels/{label}/ops", json=body)
        assert answer.status_code == 200, answer.text

    return post


def test_the_queue_of_a_picture_holds_every_object_that_nobody_judged(ask, judge):
    told = ask()
    assert (told["rev"], told["n_left"], told["n_seen"]) == (0, 12, 0)
    assert told["queue"]["columns"] == ["label", "probability"]
    assert sorted(row[0] for row in told["queue"]["values"]) == list(range(1, 13))
    judge("accept", 4)
    judge("reject", 9)
    told = ask()
    assert (told["rev"], told["n_left"], told["n_seen"], told["n_wrong"]) == (2, 10, 2, 1)
    assert {4, 9}.isdisjoint(row[0] for row in told["queue"]["values"])


def test_the_numbers_of_the_stop_rule_fit_together(ask, judge):
    judge("reject", 1)
    told = ask(next=5, precision=0.9)
    left = told["errors_left"]
    assert 0 <= left["low"] <= left["value"] <= left["high"] <= 11
    assert told["next"]["n"] == 5
    assert told["next"]["value"] <= left["value"]
    assert told["precision"]["low"] <= told["precision"]["value"]
    assert told["wanted_precision"] == 0.9
    assert 0 <= told["n_to_stop"] <= 11
    assert told["note"] in told["sentence"]
    assert "not missed ones" in told["note"]


def test_where_all_were_judged_the_errors_left_are_none(ask, judge):
    judge("accept", *range(1, 13))
    told = ask()
    assert told["errors_left"] == {"value": 0, "low": 0, "high": 0}
    assert told["precision"] == {"value": 1, "low": 1, "high": 1}
    assert told["queue"]["values"] == []


def test_the_queue_of_a_project_names_pictures_and_labels(client, store, project, label):
    identifier = store.identifier_of(project)
    answer = client.get(f"/api/v1/projects/{identifier}/review", params={"most": 3})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["queue"]["columns"] == ["picture", "labels", "label", "probability"]
    assert len(told["queue"]["values"]) == 3
    assert told["n_left"] == 12
    columns = ["picture", "labels", "n_seen", "n_wrong", "n_left", "errors_left"]
    assert told["pictures"]["columns"] == columns
    assert [row[1] for row in told["pictures"]["values"]] == [label]


@pytest.mark.parametrize(
    "asked", [{"precision": 1}, {"precision": 0}, {"next": 0}, {"most": -1}]
)
def test_a_question_that_makes_no_sense_is_refused(ask, asked):
    ask(422, **asked)
