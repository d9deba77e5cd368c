"""Chance chooses pictures to correct; they tell of all others."""

import pytest

from segmetry.batch.finished import read_run
from segmetry.errors import DatasetError, ProjectError
from segmetry.evaluate.choosing import choose_pictures
from segmetry.evaluate.corrected_sample import estimate_total
from segmetry.io import write_png
from segmetry.project import Look, automatic_budgets, look_at
from segmetry.project.annotated import mark_checked
from segmetry.project.exports import export_run
from segmetry.project.sampled import choose_sample, estimate_project, is_sampled
from segmetry.project.tables import in_order, named_pictures

NAMES = [f"slice{n}" for n in range(6)]


@pytest.fixture
def slices(project, home, discs, simple):
    """Six segmented pictures of 6 to 11 discs, by name."""
    found = {}
    for n, name in enumerate(NAMES):
        path = home / f"{name}.png"
        write_png(path, discs([8] * (6 + n), shape=(120, 200), seed=n))
        picture = project.pictures.add(path)
        project.pictures.keep_look(picture, look_at(path, simple))
        project.labels.run(picture, simple)
        found[name] = picture
    return found


def correct(project, picture, hand, *, n_drawn):
    """Add objects that were missed, and tick the picture."""
    label = project.labels.records(picture)[-1].id
    labels = project.labels.open(label)
    for n in range(n_drawn):
        hand.make(labels, hand.dot(20 + 15 * n, 117, 4))
    mark_checked(project, picture, label)


def test_the_same_pictures_are_chosen_as_on_the_command_line(project, slices):
    chosen = choose_sample(project, 3, seed=5)
    expected = choose_pictures(NAMES, 3, seed=5)
    assert chosen == [slices[name] for name in expected]
    marked = [one.id for one in project.pictures.records() if is_sampled(one)]
    assert sorted(marked) == sorted(chosen)


def test_more_pictures_are_those_of_before_and_others(project, slices):
    few = set(choose_sample(project, 2))
    assert few < set(choose_sample(project, 4))
    choose_sample(project, 1)
    assert sum(is_sampled(one) for one in project.pictures.records()) == 1
    assert slices


def test_more_pictures_than_there_are_cannot_be_chosen(project, slices):
    with pytest.raises(ProjectError, match=f"{len(slices)} can be read"):
        choose_sample(project, 7)
    assert not any(is_sampled(one) for one in project.pictures.records())


def test_volumes_are_not_chosen(project, slices):
    facts = project.pictures.record(slices["slice0"]).look | {"n_slices": 9}
    project.pictures.keep_look(slices["slice0"], Look(facts, None))
    assert slices["slice0"] not in choose_sample(project, 5, seed=5)
    with pytest.raises(ProjectError, match="5 can be read so far, without volumes"):
        choose_sample(project, 6)


def test_totals_follow_from_the_chosen_pictures_that_are_checked(project, slices, hand):
    chosen = choose_sample(project, 3)
    for picture in chosen:
        correct(project, picture, hand, n_drawn=2)
    other = next(one for one in slices.values() if one not in chosen)
    correct(project, other, hand, n_drawn=9)  # chance did not choose it
    told = estimate_project(project)
    assert (told["seed"], told["n_chosen"], told["n_corrected"]) == (0, 3, 3)
    automatic = {name: 6 + n for n, name in enumerate(NAMES)}
    assert told["automatic_count"] == sum(automatic.values())
    sampled = [automatic[name] for name in told["corrected"]]
    expected = estimate_total(
        list(automatic.values()), sampled, [count + 2 for count in sampled]
    )
    assert told["count"]["value"] == pytest.approx(expected.value)
    assert told["precision"]["value"] == 1
    assert told["recall"]["value"] == pytest.approx(sum(sampled) / (sum(sampled) + 6))


def test_the_error_budget_is_that_of_a_run_with_what_segmentation_adds(
    project, slices, hand, tmp_path
):
    export_run(project, tmp_path / "run")
    run = read_run(tmp_path / "run")
    for picture in choose_sample(project, 3):
        correct(project, picture, hand, n_drawn=2)
    told = estimate_project(project)
    assert set(told["error_budget"]) == {"count", "density", "mean"}
    for key in ("density", "mean"):
        sources = told["error_budget"][key]["sources"]
        assert sources["segmentation"]["relative"] is not None
        for name in ("calibration", "edge rule", "sampling"):
            part = run.budgets[key].parts[name]
            assert sources[name]["relative"] == pytest.approx(part.relative)
    assert told["budget"].startswith("Together ±")
    assert all(f"on the {name}" in told["budget"] for name in ("count", "mean diameter"))
    assert slices


def test_budgets_are_kept_until_something_else_is_found(
    project, slices, simple, hand, monkeypatch
):
    made = []
    of = automatic_budgets.summarize
    monkeypatch.setattr(
        automatic_budgets, "summarize", lambda *a, **k: made.append(1) or of(*a, **k)
    )
    for picture in choose_sample(project, 2):
        correct(project, picture, hand, n_drawn=1)
        estimate_project(project)
    assert len(made) == 1
    project.labels.run(next(iter(slices.values())), simple)
    estimate_project(project)
    assert len(made) == 2


def test_groups_have_totals_of_their_own(project, slices, hand):
    pictures = named_pictures(in_order(project.pictures.records()))
    lines = [f"{name}.png,{'a' if n < 3 else 'b'}" for n, name in enumerate(NAMES)]
    project.sheet.keep("\n".join(["image,group", *lines]).encode(), pictures)
    for picture in choose_sample(project, 6):
        correct(project, picture, hand, n_drawn=1)
    told = estimate_project(project, by=["group"])
    assert {one["name"]: one["count"]["value"] for one in told["groups"]} == {
        "group=a": 6 + 7 + 8 + 3,
        "group=b": 9 + 10 + 11 + 3,
    }
    with pytest.raises(ProjectError, match="no column animal"):
        estimate_project(project, by=["animal"])
    assert slices


def test_nothing_follows_from_pictures_that_nobody_has_checked(project, slices):
    choose_sample(project, 2)
    with pytest.raises(DatasetError, match="0 corrected pictures"):
        estimate_project(project)
    assert slices


def test_without_a_result_there_is_nothing_to_tell(project):
    with pytest.raises(ProjectError, match="no picture was segmented"):
        estimate_project(project)
