"""Routes about runs of a method on pictures, and about jobs."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from segmetry.batch.command import command_of
from segmetry.project.regions import repeating
from segmetry.recipe import Recipe, Segmentation, Thin, recipe_text
from segmetry.web.parts import Body, Identifier, InJobs, InStore

__all__ = ["router"]

router = APIRouter(tags=["runs"])


class Run(Body):
    """A method, those of its options that are not at their default, and its lines."""

    segmenter: str = Field(min_length=1, max_length=1000)
    params: dict[str, bool | int | float | str | None] = Field(default_factory=dict)
    thin: Thin = Thin()

    def recipe(self, before: Recipe) -> Recipe:
        """Return a recipe with this method, and these lines, in place of its own."""
        options = {name: v for name, v in self.params.items() if v is not None}
        chosen = Segmentation(name=self.segmenter, options=options)
        return before.model_copy(update={"segmentation": chosen, "thin": self.thin})


@router.post("/images/{picture}/runs", status_code=202)
def run(picture: Identifier, body: Run, store: InStore, jobs: InJobs) -> dict[str, Any]:
    """Let a method find the objects of a picture; the next pictures begin with it too."""
    project = store.project_of_picture(picture)
    recipe = body.recipe(project.recipe)
    job = jobs.order(project, picture, recipe)
    project.set_recipe(recipe)
    return job


@router.get("/jobs")
def list_jobs(store: InStore, jobs: InJobs) -> list[dict[str, Any]]:
    """Return the jobs of the open projects, the newest first."""
    return jobs.listed(store.opened())


@router.delete("/jobs/{job}")
def cancel(job: Identifier, jobs: InJobs) -> dict[str, Any]:
    """End a job that waits or runs."""
    return jobs.cancel(job)


@router.post("/jobs/{job}/resume")
def resume(job: Identifier, jobs: InJobs) -> dict[str, Any]:
    """Begin a job anew that was interrupted or cancelled or that failed."""
    return jobs.resume(job)


@router.get("/labels/{label}/command")
def command(label: Identifier, store: InStore) -> dict[str, str]:
    """Return the command, and the recipe, that found these labels and counted them."""
    project = store.project_of_labels(label)
    found = project.labels.record(label)
    picture = project.pictures.record(found.picture)
    recipe = repeating(found.recipe, picture)
    return {"command": command_of(recipe, [picture.name]), "recipe": recipe_text(recipe)}
