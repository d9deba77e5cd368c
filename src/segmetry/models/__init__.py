"""Model files, and running them without torch."""

from segmetry.models.card import (
    MODEL_FORMAT,
    Card,
    Confidence,
    Normalization,
    Score,
    Training,
    TrainingData,
    model_name,
)
from segmetry.models.file import Model, read_model, write_model
from segmetry.models.store import (
    InstalledModel,
    add_model,
    find_model,
    installed_models,
    models_folder,
    remove_model,
)

__all__ = [
    "MODEL_FORMAT",
    "Card",
    "Confidence",
    "InstalledModel",
    "Model",
    "Normalization",
    "Score",
    "Training",
    "TrainingData",
    "add_model",
    "find_model",
    "installed_models",
    "model_name",
    "models_folder",
    "read_model",
    "remove_model",
    "write_model",
]
