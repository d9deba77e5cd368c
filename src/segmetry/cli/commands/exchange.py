"""Commands that give objects to other programs, and take theirs."""

import typer

from segmetry.cli import exchange_options as x
from segmetry.cli import options as o
from segmetry.cli.starting import say_starting

__all__ = ["commands"]

commands = typer.Typer()


@commands.command("export")
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
    from segmetry.cli.volumes import export_volume, is_of_volume

    how = {"overwrite": overwrite, "as_json": as_json}
    if is_of_volume(to, out, scan):
        export_volume(source, out, to=to, scan=scan, anonymous=anonymous, **how)
        return
    export_objects(source, out, to=to, overwrite=overwrite, as_json=as_json)


@commands.command("import")
def import_command(
    source: x.ImportSource,
    out: x.ImportOut,
    images: x.ImportPictures = None,
    allow_pickle: x.AllowPickle = False,
    overwrite: o.Overwrite = False,
    as_json: o.Json = False,
) -> None:
    """Make label images of objects that another program has drawn."""
    say_starting(as_json=as_json)
    from segmetry.cli.exchange import import_objects

    how = {"allow_pickle": allow_pickle, "overwrite": overwrite, "as_json": as_json}
    import_objects(source, out, images=images, **how)
