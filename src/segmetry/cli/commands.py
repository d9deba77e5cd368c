"""The commands, each of a few lines."""

from pathlib import Path
from typing import Annotated

import typer

from segmetry import __version__
from segmetry.cli import compare_options as c
from segmetry.cli import exchange_options as x
from segmetry.cli import options as o
from segmetry.cli import similarity_options as s
from segmetry.cli import track_options as k
from segmetry.cli import train_options as t
from segmetry.cli.starting import say_starting

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From a microscope's file to objects, counts and size distributions.",
)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"segmetry {__version__}")
        raise typer.Exit


_Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=_say_version, is_eager=True, help="Say the version."
    ),
]


@app.callback()
def program(version: _Version = False) -> None:
    """Take the options of the program itself."""


@app.command("run")
def run_command(
    inputs: o.Inputs = None,
    out: o.Out = Path("segmetry-results"),
    segmenter: o.SegmenterName = None,
    segmenter_options: o.SegmenterOptions = None,
    recipe: o.RecipeFile = None,
    pixel_size: o.PixelSizeText = None,
    calibration: o.CalibrationChoice = None,
    scale_bar: o.ScaleBar = None,
    exclude_banner: o.BannerRows = None,
    fill_banner: o.BannerFill = None,
    field_of_view: o.FieldOfView = None,
    page: o.Page = None,
    channel: o.Channel = None,
    perimeters: o.Perimeters = None,
    thin: o.ThinLines = None,
    thin_grey: o.ThinGrey = None,
    stain: o.Stain = None,
    slide: o.Slide = None,
    stain_vectors: o.StainVectors = None,
    regions: o.Regions = None,
    counting_frames: o.CountingFrames = None,
    section_thickness: o.SectionThickness = None,
    object_height: o.ObjectHeight = None,
    edge_rule: o.EdgeRule = None,
    limit: o.Limit = None,
    bin_width: o.BinWidth = None,
    target: o.Target = None,
    sheet: o.Sheet = None,
    jobs: o.Jobs = None,
    save_maps: o.SaveMaps = False,
    seed: o.Seed = None,
    resume: o.Resume = False,
    overwrite: o.Overwrite = False,
    verbose: o.Verbose = False,
    as_json: o.Json = False,
) -> None:
    """Find, measure and count the objects of pictures; write tables and a report."""
    say_starting(as_json=as_json)
    from segmetry.cli.run import carry_out

    sizes = {"pixel_size": pixel_size, "choice": calibration, "scale_bar": scale_bar}
    is_thin = thin if thin_grey is None else thin is not False
    numbers = {"edge_rule": edge_rule, "limit": limit, "bin_width": bin_width}
    carry_out(
        inputs or [],
        out,
        recipe_file=recipe,
        changes={
            "segmentation": {"name": segmenter, "options": segmenter_options},
            "calibration": sizes,
            "banner": {"exclude": exclude_banner, "fill": fill_banner},
            "area": {"field_of_view": field_of_view},
            "reading": {"page": page, "channel": channel},
            "measurement": {"perimeters": perimeters},
            "thin": {"enabled": is_thin, "grey": thin_grey},
            "stains": {"look_at": stain, "slide": slide, "vectors": stain_vectors},
            "regions": {
                "path": None if regions is None else str(regions),
                "counting_frames": counting_frames,
                "section_thickness": section_thickness,
                "object_height": object_height,
            },
            "statistics": numbers | {"target": target, "seed": seed},
        },
        sheet=sheet,
        how={
            "jobs": jobs,
            "resume": resume,
            "overwrite": overwrite,
            "save_maps": save_maps,
        },
        say={"verbose": verbose, "as_json": as_json},
    )


@app.command("demo")
def demo_command(
    out: o.Out = Path("segmetry-demo"),
    overwrite: o.Overwrite = False,
    verbose: o.Verbose = False,
    as_json: o.Json = False,
) -> None:
    """Measure the powder picture that comes with the program, without a network."""
    say_starting(as_json=as_json)
    from segmetry.cli.run import carry_out, demo_picture

    carry_out(
        [demo_picture(out, as_json=as_json)],
        out,
        how={"overwrite": overwrite},
        say={"verbose": verbose, "as_json": as_json},
    )


@app.command("app")
def app_command(
    folder: o.PictureFolder = None,
    port: o.Port = None,
    no_browser: o.NoBrowser = False,
    host: o.Host = "127.0.0.1",
    allow_host: o.AllowedHosts = None,
) -> None:
    """Open the app in a browser: find, correct and measure objects by hand and eye."""
    from segmetry.cli.serving import open_app

    names = allow_host or []
    open_app(folder, port=port, host=host, names=names, with_browser=not no_browser)


@app.command("train")
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


@app.command("evaluate")
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


@app.command("compare")
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


@app.command("tune")
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


@app.command("estimate")
def estimate_command(
    run: o.ResultsFolder,
    corrected: o.Corrected = None,
    choose: o.Choose = None,
    seed: o.Seed = None,
    out: o.EstimateOut = None,
    overwrite: o.Overwrite = False,
    as_json: o.Json = False,
) -> None:
    """Correct a few pictures, chosen at random; estimate the numbers of all pictures."""
    say_starting(as_json=as_json)
    from segmetry.cli.estimate import estimate

    estimate(
        run,
        corrected,
        n=choose,
        seed=seed,
        out=out,
        overwrite=overwrite,
        as_json=as_json,
    )


@app.command("track")
def track_command(
    run: o.ResultsFolder,
    out: k.TracksOut = None,
    time: k.TimeColumn = None,
    series: k.SeriesColumn = None,
    max_distance: k.MaxDistance = None,
    gap: k.Gap = 1,
    register: k.Register = "pictures",
    overwrite: o.Overwrite = False,
    as_json: o.Json = False,
) -> None:
    """Follow the objects of a run through time: tracks, divisions, growth rates."""
    asked = locals()
    say_starting(as_json=as_json)
    from segmetry.cli.track import TrackRequest, track

    as_json = asked.pop("as_json")
    track(TrackRequest(**asked), as_json=as_json)


@app.command("similarity")
def similarity_command(
    first: s.First,
    second: s.Second,
    data_range: s.DataRange = None,
    as_json: o.Json = False,
) -> None:
    """Compare pictures pixel for pixel: SSIM, PSNR and normalised cross-correlation."""
    from segmetry.cli.similarity import compare_pictures

    compare_pictures(first, second, data_range=data_range, as_json=as_json)


@app.command("verify")
def verify_command(folder: o.ResultsFolder, as_json: o.Json = False) -> None:
    """Check that the files of a run are as the run wrote them."""
    from segmetry.cli.run import check

    check(folder, as_json=as_json)


@app.command("describe")
def describe_command(
    folder: o.SetFolder,
    masks: o.Masks = None,
    out: o.Out = Path("segmetry-description"),
    overwrite: o.Overwrite = False,
    as_json: o.Json = False,
) -> None:
    """Report on a set of pictures: sizes, objects, types, copies, suspicious masks."""
    say_starting(as_json=as_json)
    from segmetry.cli.describe import describe_set

    describe_set(folder, out, masks=masks, overwrite=overwrite, as_json=as_json)


@app.command("export")
def export_command(
    source: x.ExportSource,
    to: x.ExportFormat,
    out: x.ExportOut,
    scan: x.ExportScan = None,
    anonymous: x.Anonymous = False,
    overwrite: o.Overwrite = False,
    as_json: o.Json = False,
) -> None:
    """Give objects out to other programs: masks, boxes, dots, COCO, ImageJ, QuPath, ..."""
    say_starting(as_json=as_json)
    from segmetry.cli.exchange import export_objects
    from segmetry.cli.volumes import VOLUME_FORMATS, export_volume

    how = {"overwrite": overwrite, "as_json": as_json}
    if to in VOLUME_FORMATS:
        export_volume(source, out, to=to, scan=scan, anonymous=anonymous, **how)
        return
    export_objects(source, out, to=to, overwrite=overwrite, as_json=as_json)


@app.command("import")
def import_command(
    source: x.ImportSource,
    out: x.ImportOut,
    images: x.ImportPictures = None,
    overwrite: o.Overwrite = False,
    as_json: o.Json = False,
) -> None:
    """Make label images of objects that another program has drawn."""
    say_starting(as_json=as_json)
    from segmetry.cli.exchange import import_objects

    import_objects(source, out, images=images, overwrite=overwrite, as_json=as_json)


@app.command("doctor")
def doctor_command(as_json: o.Json = False) -> None:
    """Say what is installed, which formats and extras work, and how to get the rest."""
    from segmetry.cli.tell import tell_findings
    from segmetry.doctor import examine

    tell_findings(examine(), as_json=as_json)


_models = typer.Typer(help="List, show, add, remove and verify model files.")
app.add_typer(_models, name="models")


@_models.callback(invoke_without_command=True)
def models_command(context: typer.Context, as_json: o.Json = False) -> None:
    """List, show, add, remove and verify model files; alone, it lists them."""
    from segmetry.cli.models import list_all

    if context.invoked_subcommand is None:
        list_all(as_json=as_json)


@_models.command("show")
def models_show_command(model: o.ModelName, as_json: o.Json = False) -> None:
    """Show the card of a model: what it finds, how well, and what it learned from."""
    from segmetry.cli.models import show

    show(model, as_json=as_json)


@_models.command("add")
def models_add_command(file: o.ModelFile, as_json: o.Json = False) -> None:
    """Check a model file and keep a copy of it, to be called by its name."""
    from segmetry.cli.models import add

    add(file, as_json=as_json)


@_models.command("remove")
def models_remove_command(name: o.AddedModel, as_json: o.Json = False) -> None:
    """Remove a model that was added."""
    from segmetry.cli.models import remove

    remove(name, as_json=as_json)


@_models.command("verify")
def models_verify_command(model: o.AnyModel = None, as_json: o.Json = False) -> None:
    """Check a model file, or all installed ones, against the hashes on its card."""
    from segmetry.cli.models import verify

    verify(model, as_json=as_json)
