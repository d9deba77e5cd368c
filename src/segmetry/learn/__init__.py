"""Training: all code that needs torch.

The public names are loaded on first use, so that without torch the rest still works.
"""

from importlib import import_module
from typing import Any

from segmetry.errors import MissingExtraError

_HOME = {
    "Outcome": "outcome",
    "TrainingOptions": "options",
    "train_model": "training",
}
_EXTRA = {"nncf", "onnx", "onnxscript", "safetensors", "torch"}

__all__ = sorted(_HOME)  # noqa: PLE0605 - the table above is the one list of names


def __getattr__(name: str) -> Any:
    """Load a public name from its module.

    Raises
    ------
    MissingExtraError
        If a package that training needs is not installed.
    """
    if name not in _HOME:
        msg = f"module 'segmetry.learn' has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        return getattr(import_module(f"segmetry.learn.{_HOME[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _EXTRA:
            raise
        purpose = "Training"
        raise MissingExtraError(purpose, "train") from error
