"""Where a model's file is written."""

from pathlib import Path

from segmetry.errors import RecipeError, WriteError

__all__ = ["model_place"]

_ENDING = ".segmodel"


def model_place(model: Path, *, overwrite: bool, resume: bool = False) -> Path:
    """Return the path of a model's file that may be written.

    Parameters
    ----------
    model : Path
        A name without an ending gets ".segmodel".
    overwrite : bool
        Whether a file that is there may be replaced.
    resume : bool
        Whether one may be replaced beside which a stopped training lies.

    Raises
    ------
    RecipeError
        If it has another ending, is a folder, or is there and must stay.
    WriteError
        If its folder is not there.
    """
    if model.suffix not in {"", _ENDING}:
        msg = (
            f"The model's file must end in {_ENDING}, got {model.name}; give for example "
            f"{model.stem}{_ENDING}."
        )
        raise RecipeError(msg)
    path = model.with_suffix(_ENDING)
    try:
        is_there, is_folder = path.exists(), path.is_dir()
        is_stopped = path.with_suffix(".checkpoint").exists()
    except OSError as error:
        msg = f"The model cannot be written: {error.strerror}; give another name."
        raise WriteError(msg) from error
    if is_folder:
        msg = f"{path.name} is a folder; give the name of a file for the model."
        raise RecipeError(msg)
    if is_there and not (overwrite or (resume and is_stopped)):
        msg = f"{path.name} is there already; give another name, or --overwrite."
        raise RecipeError(msg)
    if not path.parent.is_dir():
        msg = f"The folder {path.parent.name} for the model does not exist; make it first."
        raise WriteError(msg)
    return path
