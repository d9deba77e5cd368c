"""Commands that teach and judge methods with pictures and their true objects."""

from pathlib import Path

import typer

from segmetry.cli import compare_options as c
from segmetry.cli import options as o
from segmetry.cli import train_options as t
from segmetry.cli.starting import say_starting

__all__ = ["commands"]

commands = typer.Typer()


@commands.command("train")
def train_command(
    images: t.Images,
    model: t.ModelPath,
    masks: t.Masks = None,
    method: t.Method = "network",
    recipe: t.Recipe = None,
    task: t.Task = None,
    class_names: o.ClassNames = None,
    name: t.Name = None,
    start: t.Start = None,
    size: t.Size = None,
    encoder: t.Encoder = None,
    encoder_weights: t.EncoderWeights = None,
    loss: t.Loss = None,
    diameter: t.Diameter = None,
    steps: t.Steps = None,
    minutes: t.Minutes = None,
    groups: t.PictureGroups = None,
    validation: t.Validation = None,
    share: t.Share = None,
    folds: t.Folds = None,
    learning_curve: t.LearningCurve = False,
    no_augmentation: t.NoAugmentation = False,
    seed: o.Seed = None,
    resume: t.Resume = False,
    overwrite: t.Overwrite = False,
    verbose: t.Verbose = False,
    as_json: o.Json = False,
) -> None:
    """Train a model on pictures and masks; refuse it if it is not better than its start."""
    options = locals()
    say_starting(as_json=as_json)
    from segmetry.cli.train import train

    say = {name: options.pop(name) for name in ("verbose", "as_json")}
    options["augmentation"] = not options.pop("no_augmentation")
    paths = [options.pop(name) for name in ("images", "masks", "model")]
    method = options.pop("method")
    train(*paths, method=method, options=options, say=say)


@commands.command("evaluate")
def evaluate_command(
    predicted: o.Predicted,
    truth: o.Truth,
    task: o.EvaluationTask,
    fov: o.Fov = None,
    images: o.Pictures = None,
    against: o.Against = None,
    second_observer: o.SecondObserver = None,
    thin: o.Thin = False,
    distance: o.Distance = None,
    class_names: o.ClassNames = None,
    true_objects: o.TrueObjects = None,
    groups: o.Groups = None,
    by: o.GroupBy = None,
    cluster: o.Cluster = None,
    specificity: o.Specificity = 0.95,
    probability: o.Probability = False,
    seed: o.Seed = None,
    out: o.EvaluationOut = None,
    overwrite: o.Overwrite = False,
    as_json: o.Json = False,
) -> None:
    """Say how good found objects, centres, pixels, classes or counts are."""
    asked = locals() | {"seed": seed or 0}
    say_starting(as_json=as_json)
    from segmetry.cli.evaluate import Request, evaluate_prediction

    as_json = asked.pop("as_json")
    evaluate_prediction(Request(**asked), as_json=as_json)


@commands.command("compare")
def compare_command(
    images: c.Images,
    masks: c.Masks,
    methods: c.Methods = None,
    recipe: c.Recipes = None,
    out: c.CompareOut = Path("segmetry-comparison"),
    task: c.Task = "objects",
    score: c.Score = None,
    against: c.Against = None,
    folds: c.Folds = 5,
    train_images: c.TrainImages = None,
    train_masks: c.TrainMasks = None,
    groups: c.Groups = None,
    by: c.By = None,
    cluster: c.Cluster = None,
    fov: c.Fov = None,
    thin: c.Thin = False,
    jobs: c.Jobs = 1,
    seed: o.Seed = None,
    resume: c.Resume = False,
    overwrite: o.Overwrite = False,
    as_json: o.Json = False,
) -> None:
    """Compare methods on pictures with masks: scores, time, and paired differences."""
    options = locals() | {"seed": seed or 0}
    say_starting(as_json=as_json)
    from segmetry.cli.compare import compare_methods

    folders = options.pop("images"), options.pop("masks")
    named = options.pop("methods") or [], options.pop("recipe") or []
    place, as_json = options.pop("out"), options.pop("as_json")
    compare_methods(folders, *named, place, options=options, as_json=as_json)


@commands.command("tune")
def tune_command(
    images: c.Images,
    masks: c.Masks,
    method: c.MethodName,
    trials: c.Trials = 40,
    out: c.TuneOut = Path("segmetry-tuning"),
    settled: c.Set = None,
    task: c.Task = "objects",
    score: c.Score = None,
    patience: c.Patience = 15,
    folds: c.Folds = 5,
    inner_folds: c.InnerFolds = 3,
    steps: c.Steps = 100,
    groups: c.Groups = None,
    cluster: c.Cluster = None,
    fov: c.Fov = None,
    thin: c.Thin = False,
    seed: o.Seed = None,
    resume: c.Resume = False,
    overwrite: o.Overwrite = False,
    as_json: o.Json = False,
) -> None:
    """Find better options of a method by pictures with masks; judge them on others."""
    options = locals() | {"seed": seed or 0}
    say_starting(as_json=as_json)
    from segmetry.cli.tune import tune_method

    folders = options.pop("images"), options.pop("masks")
    named = options.pop("method"), options.pop("out")
    settled, as_json = options.pop("settled") or [], options.pop("as_json")
    tune_method(folders, *named, settled=settled, options=options, as_json=as_json)
