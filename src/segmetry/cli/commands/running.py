"""Commands that find and measure objects: on the command line, and in the app."""

from pathlib import Path

import typer

from segmetry.cli import options as o
from segmetry.cli.starting import say_starting

__all__ = ["commands"]

commands = typer.Typer()


@commands.command("run")
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
    cluster: o.DaskCluster = None,
    memory: o.Memory = None,
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
            "cluster": cluster,
            "memory": memory,
            "resume": resume,
            "overwrite": overwrite,
            "save_maps": save_maps,
        },
        say={"verbose": verbose, "as_json": as_json},
    )


@commands.command("demo")
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


@commands.command("app")
def app_command(
    folder: o.PictureFolder = None,
    port: o.Port = None,
    no_browser: o.NoBrowser = False,
    host: o.Host = "127.0.0.1",
    allow_host: o.AllowedHosts = None,
    cluster: o.DaskCluster = None,
) -> None:
    """Open the app in a browser: find, correct and measure objects by hand and eye."""
    from segmetry.cli.serving import open_app

    open_app(
        folder,
        port=port,
        host=host,
        names=allow_host or [],
        cluster=cluster,
        with_browser=not no_browser,
    )
