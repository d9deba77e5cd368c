"""Training: all code that needs torch.

The modules, in the order in which data runs:

=================  ==================================================================
module             what it does
=================  ==================================================================
`training`         `train_model`, the way in: calls the others from folders to file
`options`          what a person may say about a training
`annotated`        reads and checks folders of pictures and masks
`division`         parts them into pictures that teach and pictures that judge
`archive`          the archive Fluorescent Neuronal Cells, as published or by animal
`tasks`            what is learned: objects, foreground, classes or counts, and its score
`scores`           the Dice of a foreground and of classes, and means over pictures
`densities`        maps whose sum is the number of objects
`start`            finds the model to go on from
`choices`          decides what nobody said: network, scale, crops, steps
`recipes`          published trainings, value by value
`plan`             holds these choices for one training
`forecast`         times the first steps, and fits a training into a time
`examples`         brings a picture to the scale of training, with its wanted maps
`targets`          makes the wanted maps of a mask
`crowding`         says how much more pixels between cells count
`crops`            draws a turned, scaled, bent piece of a picture
`augment`          changes how pieces look: light, blur, noise, colour
`batches`          puts pieces together, the same for a seed and a step
`networks`         builds networks; with published weights: `encoder_unet`,
                   `encoders`, `encoder_weights`; the c-ResUnet: `residual_unet`;
                   a plain one: `plain_network`
`losses`           tell how far answers are from the wanted maps
`sizes`            formulas of the sizes of layers, and how far an answer sees
`loop`             steps, validations, checkpoints, early stop
`checkpoint`       stores all of that, to go on after a kill
`fitting`          trains one network: all from `examples` to `checkpoint`
`folds`            trains once for each part, and judges what that part held out
`judging`          answers of networks on held-out pictures, and their scores
`gate`             compares a new model with the one it started from
`cutoffs`          chooses how maps become objects, and which are believed
`confidence`       fits how likely an object is a true one
`export`           network to ONNX, whole and with 8 bits
`finishing`        makes the model file and its card; for pixels: `pixel_finishing`,
                   for counts: `count_finishing`
`place`            tells where a model may be written
`classifiers`      trains classifiers of pixels, without torch
`teaching`         teaches a plain network for the segmenter "cnn"
`outcome`          what came of it, and the files that show it
=================  ==================================================================

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
