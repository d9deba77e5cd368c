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

__all__ = [
    "MODEL_FORMAT",
    "Card",
    "Confidence",
    "Model",
    "Normalization",
    "Score",
    "Training",
    "TrainingData",
    "model_name",
    "read_model",
    "write_model",
]
