import stat
import subprocess
import sys

import pytest

from segmetry.errors import ProjectError, RecipeError, WriteError
from segmetry.project import Project, projects_folder
from segmetry.recipe import Recipe


def test_a_project_lies_beside_its_pictures(project, home):
    assert project.folder == home / ".segmetry"
    assert project.name == "Powder batch 7"
    assert project.recipe == Recipe()


def test_a_project_without_pictures_lies_with_the_users_data(tmp_path):
    with Project.create(None, "Loose") as project:
        assert project.folder.parent == projects_folder() == tmp_path / "projects"
        place = project.folder
    with Project.open(place) as again:
        assert again.name == "Loose"


def test_the_usual_place_is_the_users_own(monkeypatch):
    monkeypatch.delenv("SEGMETRY_PROJECTS")
    assert projects_folder().name == "projects"
    assert "segmetry" in str(projects_folder())


def test_what_was_chosen_is_there_when_opened_again(project, home):
    recipe = Recipe(segmentation={"name": "local", "options": {"min_area": 30}})
    project.set_recipe(recipe)
    project.rename("  Batch 8 ")
    project.close()
    for place in (home, str(home), home / ".segmetry"):
        with Project.open(place) as again:
            assert (again.name, again.recipe) == ("Batch 8", recipe)


def test_nobody_else_on_the_computer_sees_a_project(project):
    if sys.platform != "win32":
        assert stat.S_IMODE(project.folder.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("name", ["", "   "])
def test_a_project_needs_a_name(project, home, name):
    with pytest.raises(ProjectError, match="needs a name"):
        project.rename(name)
    with pytest.raises(ProjectError, match="needs a name"):
        Project.create(home / "other", name)
    assert project.name == "Powder batch 7"


def test_a_folder_has_one_project(project, home):
    project.close()
    with pytest.raises(ProjectError, match="already"):
        Project.create(home, "Another")
    with Project.open(home) as again:
        assert again.name == "Powder batch 7"


def test_a_folder_that_is_not_there_has_no_project(tmp_path):
    with pytest.raises(ProjectError, match="There is no project in absent"):
        Project.open(tmp_path / "absent")
    with pytest.raises(WriteError, match="No project can be made"):
        Project.create(tmp_path / "absent" / "deeper", "Lost")
    assert not (tmp_path / "absent").exists()


OTHER = """
import sys
from segmetry.project import Project
with Project.open(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.readline()
"""


def test_a_project_that_another_program_has_open_is_not_opened(project, home):
    project.close()
    command = [sys.executable, "-c", OTHER, str(home)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(ProjectError, match=f"in powders is already .* {other.pid} on"):
            Project.open(home)
        other.communicate("\n")
    Project.open(home).close()


def test_a_damaged_project_is_told_and_can_be_opened_once_restored(project, home):
    project.close()
    path = home / ".segmetry" / "project.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:5000])
    for _ in range(2):
        with pytest.raises(ProjectError, match="damaged"):
            Project.open(home)
    assert path.read_bytes() == whole[:5000]
    path.write_bytes(whole)
    Project.open(home).close()


def test_a_recipe_of_a_newer_version_is_told(project):
    project._database.rows("UPDATE project SET recipe = 'format = 99'")
    with pytest.raises(RecipeError, match="Install a newer Segmetry"):
        _ = project.recipe
