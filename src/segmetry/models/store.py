"""Where models live: those that come with Segmetry, and those that a user added."""

import os
from dataclasses import dataclass
from difflib import get_close_matches
from os import PathLike
from pathlib import Path

from platformdirs import user_data_path

from segmetry.errors import ModelError, WriteError
from segmetry.models.file import read_model, write_model

__all__ = [
    "InstalledModel",
    "add_model",
    "find_model",
    "installed_models",
    "models_folder",
    "remove_model",
]

_ENDING = ".segmodel"
_SHIPPED = Path(__file__).with_name("shipped")


@dataclass(frozen=True)
class InstalledModel:
    """A model that can be called by its name.

    Parameters
    ----------
    name : str
    path : Path
        Where its file lies. It may be damaged: `read_model` says so.
    shipped : bool
        Whether it came with Segmetry; else the user added it.
    """

    name: str
    path: Path
    shipped: bool


def models_folder() -> Path:
    """Return the folder of added models; it need not exist.

    The environment variable SEGMETRY_MODELS names another one than the usual: the user's
    folder for data of programs, which each system has at its own place.
    """
    chosen = os.environ.get("SEGMETRY_MODELS")
    if chosen:
        return Path(chosen)
    return user_data_path("segmetry", appauthor=False) / "models"


def installed_models() -> list[InstalledModel]:
    """Return the models that can be called by name: shipped ones first, each by name.

    Examples
    --------
    >>> names = [model.name for model in installed_models() if model.shipped]
    >>> names == sorted(names)
    True
    """
    found = []
    for folder in (_SHIPPED, models_folder()):
        paths = sorted(folder.glob(f"*{_ENDING}"), key=lambda path: path.stem)
        found += [InstalledModel(path.stem, path, folder == _SHIPPED) for path in paths]
    return found


def find_model(name_or_path: str | PathLike[str]) -> Path:
    """Return where the file of a model lies.

    Parameters
    ----------
    name_or_path : str or path
        Name of a shipped or an added model, or a file. A text with a folder or with the
        ending ".segmodel" is always a file.

    Returns
    -------
    Path

    Raises
    ------
    ModelError
        If there is no such model.

    Examples
    --------
    >>> find_model("a.segmodel")
    Traceback (most recent call last):
    segmetry.errors.ModelError: There is no model file a.segmodel; check its name and folder
    """
    text = os.fspath(name_or_path)
    path = Path(text)
    is_file = path.suffix == _ENDING or path.name != text
    if not is_file:
        # Shipped ones come first: an added model never takes the place of one of them.
        for model in installed_models():
            if model.name == text:
                return model.path
    if path.is_file():
        return path
    raise ModelError(_no_model(text, is_file=is_file))


def add_model(path: str | PathLike[str]) -> InstalledModel:
    """Check a model file and copy it to the added models, under the name on its card.

    Parameters
    ----------
    path : path

    Returns
    -------
    InstalledModel
        Where the copy lies.

    Raises
    ------
    ModelError
        If the file is no proper model file, or another model has its name.
    WriteError
        If it cannot be copied.
    """
    model = read_model(path)
    # Checked and written from the same bytes, whatever becomes of the file meanwhile.
    files = {name: model.read(name) for name in model.card.files}
    name = model.card.name
    target = models_folder() / f"{name}{_ENDING}"
    for other in installed_models():
        if other.name != name:
            continue
        if other.shipped:
            msg = f"{name!r} is the name of a model of Segmetry's own; give yours another"
            raise ModelError(msg)
        msg = f"A model {name!r} was added before; first: segmetry models remove {name}"
        raise ModelError(msg)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = (
            f"The folder of added models {target.parent} cannot be made; set "
            "SEGMETRY_MODELS to a folder in which you may write"
        )
        raise WriteError(msg) from error
    write_model(target, model.card, files)
    return InstalledModel(name, target, shipped=False)


def remove_model(name: str) -> InstalledModel:
    """Remove an added model.

    Parameters
    ----------
    name : str

    Returns
    -------
    InstalledModel
        What was removed.

    Raises
    ------
    ModelError
        If no added model has this name.
    WriteError
        If its file cannot be removed.
    """
    found = [model for model in installed_models() if model.name == name]
    added = [model for model in found if not model.shipped]
    if found and not added:
        msg = f"{name!r} comes with Segmetry and cannot be removed"
        raise ModelError(msg)
    if not added:
        raise ModelError(_no_model(name, is_file=False))
    try:
        added[0].path.unlink()
    except OSError as error:
        msg = f"{added[0].path} cannot be removed; is it open, or may you not write there?"
        raise WriteError(msg) from error
    return added[0]


def _no_model(text: str, *, is_file: bool) -> str:
    if is_file:
        return f"There is no model file {text}; check its name and folder"
    names = [model.name for model in installed_models()]
    close = get_close_matches(text, names, n=1)
    if close:
        return f"There is no model {text!r}; did you mean {close[0]!r}?"
    known = f"known are {', '.join(names)}" if names else "no model is installed"
    return f"There is no model {text!r}; {known}, or name a .segmodel file"
