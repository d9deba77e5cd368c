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
    source: x.ImportSource = None,
    out: x.ImportOut = None,
    into: x.ImportInto = None,
    undo: x.ImportUndo = False,
    images: x.ImportPictures = None,
    allow_pickle: x.AllowPickle = False,
    overwrite: o.Overwrite = False,
    as_json: o.Json = False,
) -> None:
    """Make label images of objects from other programs, or bring edits back into a run."""
    say_starting(as_json=as_json)
    from segmetry.cli.exchange import import_objects
    from segmetry.cli.into_run import import_into_run, one_place

    place = one_place(source, out, into, images=images, undo=undo, as_json=as_json)
    how = {"allow_pickle": allow_pickle, "as_json": as_json}
    if into is None and source is not None:
        import_objects(source, place, images=images, overwrite=overwrite, **how)
        return
    import_into_run(source, place, **how)
