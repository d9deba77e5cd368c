"""Commands about what is installed: packages, formats and models."""

import typer

from segmetry.cli import options as o

__all__ = ["commands"]

commands = typer.Typer()


@commands.command("doctor")
def doctor_command(as_json: o.Json = False) -> None:
    """Say what is installed, which formats and extras work, and how to get the rest."""
    from segmetry.cli.tell import tell_findings
    from segmetry.doctor import examine

    tell_findings(examine(), as_json=as_json)


_models = typer.Typer(help="List, show, add, remove and verify model files.")
commands.add_typer(_models, name="models")


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
