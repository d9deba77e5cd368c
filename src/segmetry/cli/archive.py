"""From the words of a command line to an archive, or to what a check of one finds."""

import json
from dataclasses import asdict
from pathlib import Path

import typer

from segmetry.archive import Archived, Checked, Recomputed, archive, recompute, verify
from segmetry.cli.errors import ended_by_errors
from segmetry.cli.tell import progress
from segmetry.measure.wording import count_of

__all__ = ["archive_run", "check"]

_DIFFERENT = 1


def archive_run(
    run: Path,
    to: Path | None,
    *,
    crate: bool,
    with_pictures: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write a run to a zip, and end with an exit status.

    Raises
    ------
    typer.Exit
        With status 1 if the run has changed, a picture may not be archived or nothing can
        be written, 2 if it is no run or the archive is there already.
    """
    with ended_by_errors(as_json=as_json, stopped="Stopped. No archive was written."):
        made = archive(
            run, to, crate=crate, with_pictures=with_pictures, overwrite=overwrite
        )
    if as_json:
        typer.echo(json.dumps({**asdict(made), "path": str(made.path)}))
    else:
        _tell_archive(made)


def check(
    run: Path, *, again: bool, pictures: Path | None, jobs: int | None, as_json: bool
) -> None:
    """Compare a run with its manifest, on request with itself done again.

    Raises
    ------
    typer.Exit
        With status 1 if anything is missing, changed or different, or there is no room to
        do it again; 2 if it is no run or cannot be done again.
    """
    with ended_by_errors(as_json=as_json, stopped="Stopped. Not all was checked."):
        checked = verify(run)
        found = None
        if again:
            with progress(quiet=as_json, verbose=False) as (_, told):
                found = recompute(run, pictures=pictures, jobs=jobs, progress=told)
    if as_json:
        more = {} if found is None else {"recomputed": found.as_json()}
        typer.echo(json.dumps({**checked.as_json(), **more}))
    else:
        _tell_checked(checked, of=run)
        if found is not None:
            _tell_recomputed(found)
    if checked.findings or (found is not None and found.differences):
        raise typer.Exit(_DIFFERENT)


def _tell_archive(made: Archived) -> None:
    size = f"{made.n_bytes / 1e6:,.1f} MB"
    typer.echo(f"{made.path}: {count_of(made.n_files, 'file')}, {size}")
    typer.echo(f"SHA-256: {made.sha256}")
    if made.left_out:
        typer.echo(f"Not in it: {', '.join(made.left_out)}.")


def _tell_checked(checked: Checked, *, of: Path) -> None:
    if checked.findings:
        typer.echo("\n".join(checked.findings))
    else:
        typer.echo("All files are as the run wrote them.")
    if checked.seal == "none":
        typer.echo(f"{of.name} was packed by another program than `segmetry archive`.")
    if checked.additional:
        typer.echo(f"Not of the run: {', '.join(checked.additional)}.")


def _tell_recomputed(found: Recomputed) -> None:
    for line in (*found.differences, *found.corrected):
        typer.echo(line)
    if not found.differences:
        n = count_of(found.n_pictures, "picture")
        typer.echo(f"Done again: labels and tables of {n} come out the same.")
    if found.versions:
        typer.echo(f"Other versions: {', '.join(found.versions)}.")
