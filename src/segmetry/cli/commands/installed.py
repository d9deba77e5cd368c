"""Commands about what is installed: packages, formats and models."""

import typer

from segmetry.cli import options as o
from segmetry.cli import package_options as p

__all__ = ["commands"]

commands = typer.Typer()


@commands.command("doctor")
def doctor_command(as_json: o.Json = False) -> None:
    """Say what is installed, which formats and extras work, and how to get the rest."""
    from segmetry.cli.tell import tell_findings
    from segmetry.doctor import examine

    tell_findings(examine(), as_json=as_json)


_models = typer.Typer(help="List, show, add, remove, verify, export and import models.")
commands.add_typer(_models, name="models")


@_models.callback(invoke_without_command=True)
def models_command(context: typer.Context, as_json: o.Json = False) -> None:
    """List, show, add, export and import models; alone, it lists them."""
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


@_models.command("export")
def models_export_command(
    model: o.ModelName,
    to: p.ModelKind,
    out: p.PackageOut = None,
    author: p.Authors = None,
    licence: p.Licence = None,
    overwrite: o.Overwrite = False,
    as_json: o.Json = False,
) -> None:
    """Write a network as a package that other programs run."""
    from segmetry.cli.packages import export_model

    del to  # there is one kind so far
    export_model(
        model,
        out,
        authors=author or (),
        licence=licence,
        overwrite=overwrite,
        as_json=as_json,
    )


@_models.command("import")
def models_import_command(
    package: p.Package,
    out: p.StoredOut = None,
    name: p.NewName = None,
    maps: p.Maps = None,
    diameter: p.Diameter = None,
    overwrite: o.Overwrite = False,
    as_json: o.Json = False,
) -> None:
    """Make a model file of a package of bioimage.io."""
    from segmetry.cli.packages import import_model

    import_model(
        package,
        out,
        name=name,
        maps=maps,
        diameter=diameter,
        overwrite=overwrite,
        as_json=as_json,
    )
