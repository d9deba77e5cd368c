import pytest

from segmetry.errors import ProjectError, RecipeError
from segmetry.recipe import recipe_text
from segmetry.web.job_table import JobRow
from segmetry.web.training import Wishes
from segmetry.web.work import work_of


class Here:
    """Does work in this process."""

    @staticmethod
    def do(function, argument, *, tick):
        tick()
        return function(argument)


def row(kind, asked, picture=""):
    return JobRow("1", kind, "a", asked, picture=picture)


def test_a_run_keeps_what_the_recipe_finds(project, picture, simple):
    ticks = []
    work = work_of(project, row("run", recipe_text(simple), picture))
    work.do(Here, lambda: ticks.append(1))
    (found,) = project.labels.records(picture)
    assert project.labels.n_objects(found.id) == 12
    assert (work.told, work.seconds_left, ticks) == (None, None, [1])


def test_what_cannot_be_done_is_refused_before_it_waits(project, picture):
    with pytest.raises(RecipeError):
        work_of(project, row("run", "format = 99", picture))
    with pytest.raises(ProjectError, match="so far there are 0"):
        work_of(project, row("training", Wishes("mine").as_json()))
