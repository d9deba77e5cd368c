"""The verdict on each picture of a project, against the others."""

import cv2
import pytest

from segmetry.errors import ProjectError
from segmetry.io import write_png
from segmetry.project.quality import project_quality


@pytest.fixture
def pictures(project, home, discs, simple):
    """Six pictures with labels, the last out of focus, and one without labels."""
    found = []
    for k in range(6):
        pixels = discs([10] * 12, seed=k)
        if k == 5:
            pixels = cv2.GaussianBlur(pixels, (0, 0), 4)
        write_png(home / f"p{k}.png", pixels)
        found.append(project.pictures.add(home / f"p{k}.png"))
        project.labels.run(found[-1], simple)
    write_png(home / "q.png", discs([10] * 12, seed=9))
    project.pictures.add(home / "q.png")
    return found


def test_a_picture_out_of_focus_is_known_by_its_identifier(project, pictures):
    told = project_quality(project)
    verdicts = {picture: one["verdict"] for picture, one in told["pictures"].items()}
    assert verdicts == dict.fromkeys(pictures[:5], "pass") | {pictures[5]: "fail"}
    assert "less sharp" in told["pictures"][pictures[5]]["reason"]
    assert (told["n_pass"], told["n_fail"], told["compared"]) == (5, 1, True)
    assert "1 of 6 pictures" in told["sentence"]
    assert told["without_failed"]["n_images"] == 5


def test_without_labels_there_is_nothing_to_judge(project):
    with pytest.raises(ProjectError, match="nothing to tell yet"):
        project_quality(project)
