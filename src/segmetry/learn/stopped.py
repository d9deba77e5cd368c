"""What a stopped training left behind, and going on from it.

A folder beside the model file holds the choices that were made and the state of each
training in it. It is removed when all is done.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from segmetry.errors import ModelError, RecipeError, WriteError
from segmetry.io import write_json
from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.fitting import Plan
from segmetry.learn.loop import Schedule

__all__ = ["Stopped", "plan_from_json"]

_CHOICES = "choices.json"
_ENDING = ".state"


class Stopped:
    """The folder of a training that is not done.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, identity: Mapping[str, Any], *, resume: bool, overwrite: bool) -> Any:
        """Return the choices of the training to go on with; `None` begins a new one.

        Parameters
        ----------
        identity : mapping
            JSON values that must be the same to go on: options and pictures.
        resume, overwrite : bool

        Raises
        ------
        RecipeError
            If a stopped training is there and neither is asked for, or it had other
            options or pictures.
        ModelError
            If what is there cannot be read.
        """
        if overwrite:
            self.remove()
        found = self._choices()
        if found is None:
            return None
        if not resume:
            msg = (
                f"A training to this model was stopped, see {self.folder.name}; --resume "
                "goes on with it, --overwrite begins anew."
            )
            raise RecipeError(msg)
        wanted = json.loads(json.dumps(dict(identity)))
        if found["identity"] != wanted:
            known = {**found["identity"], **wanted}
            differing = [
                key for key in known if found["identity"].get(key) != wanted.get(key)
            ]
            msg = (
                f"The stopped training had other options or pictures "
                f"({', '.join(differing)}); give the same to go on, or --overwrite."
            )
            raise RecipeError(msg)
        return found["choices"]

    def keep(self, identity: Mapping[str, Any], choices: Mapping[str, Any]) -> None:
        """Store the choices of a training before its first step.

        Raises
        ------
        WriteError
            If they cannot be written.
        """
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            msg = (
                f"The folder {self.folder.name} for the state of the training cannot be "
                f"made: {error.strerror or error}."
            )
            raise WriteError(msg) from error
        content = {"identity": dict(identity), "choices": dict(choices)}
        write_json(self.folder / _CHOICES, content)

    def state(self, training: str) -> Path:
        """Return the file for the state of one training."""
        return self.folder / f"{training.replace(' ', '-')}{_ENDING}"

    def remove(self) -> None:
        """Remove the folder, but for files that are not of a training."""
        for path in [self.folder / _CHOICES, *self.folder.glob(f"*{_ENDING}")]:
            path.unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()

    def _choices(self) -> Any:
        path = self.folder / _CHOICES
        if not path.exists():
            return None
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            plan_from_json(found["choices"]["plan"])
            dict(found["identity"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            msg = (
                f"{self.folder.name} is damaged and cannot be gone on with; --overwrite "
                "begins anew."
            )
            raise ModelError(msg) from error
        return found


def plan_from_json(values: Mapping[str, Any]) -> Plan:
    """Return the plan that `dataclasses.asdict` and JSON stored.

    Examples
    --------
    >>> from dataclasses import asdict
    >>> plan_from_json(json.loads(json.dumps(asdict(Plan(seed=3))))) == Plan(seed=3)
    True
    """
    parts = {"schedule": Schedule, "geometry": Geometry, "appearance": Appearance}
    made = {name: part(**values[name]) for name, part in parts.items()}
    return Plan(**{**values, **made})
