"""Commands that go on from a folder of results, or from a set of pictures."""

from pathlib import Path

import typer

from segmetry.cli import archive_options as a
from segmetry.cli import options as o
from segmetry.cli import similarity_options as s
from segmetry.cli import track_options as k
from segmetry.cli.starting import say_starting

__all__ = ["commands"]

commands = typer.Typer()


@commands.command("estimate")
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


@commands.command("track")
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


@commands.command("similarity")
def similarity_command(
    first: s.First,
    second: s.Second,
    data_range: s.DataRange = None,
    as_json: o.Json = False,
) -> None:
    """Compare pictures pixel for pixel: SSIM, PSNR and normalised cross-correlation."""
    from segmetry.cli.similarity import compare_pictures

    compare_pictures(first, second, data_range=data_range, as_json=as_json)


@commands.command("verify")
def verify_command(
    run: a.ResultsOrArchive,
    recompute: a.Recompute = False,
    pictures: a.ArchivedPictures = None,
    jobs: o.Jobs = None,
    as_json: o.Json = False,
) -> None:
    """Check that the files of a run are as the run wrote them, and come out so again."""
    say_starting(as_json=as_json)
    from segmetry.cli.archive import check

    check(run, again=recompute, pictures=pictures, jobs=jobs, as_json=as_json)


@commands.command("archive")
def archive_command(
    run: o.ResultsFolder,
    to: a.ArchiveFile = None,
    ro_crate: a.RoCrate = False,
    with_pictures: a.WithPictures = False,
    overwrite: o.Overwrite = False,
    as_json: o.Json = False,
) -> None:
    """Write a run to one zip, to keep or publish; `segmetry verify` checks it."""
    say_starting(as_json=as_json)
    from segmetry.cli.archive import archive_run

    archive_run(
        run,
        to,
        crate=ro_crate,
        with_pictures=with_pictures,
        overwrite=overwrite,
        as_json=as_json,
    )


@commands.command("describe")
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
