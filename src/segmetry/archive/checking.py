"""Whether the files of a run are as the run wrote them, in its folder or in a zip."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

from segmetry.archive.zips import DamagedError, Seal, is_safe, opened_zip, seal_of
from segmetry.errors import ReadError
from segmetry.io.zarr_files import ZARR_MARKS

__all__ = [
    "CRATE",
    "LOG",
    "MANIFEST",
    "Checked",
    "Files",
    "opened_run",
    "read_manifest",
    "verify",
]

MANIFEST, LOG, CRATE = "manifest.json", "run.log", "ro-crate-metadata.json"

_PIECE = 2**20
_MOST_BYTES = 2**27  # of a manifest: of a million files
_WRONG = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
_UNHASHED = {MANIFEST, LOG, CRATE}  # written last, or written on


class Files(Protocol):
    """The files of a run, wherever they lie."""

    def names(self) -> set[str]:
        """Return their paths below the run, with "/" on every system."""
        ...

    def opened(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Open one of them to read its bytes."""
        ...


@dataclass(frozen=True, kw_only=True)
class Checked:
    """How the files of a run compare with its manifest.

    Parameters
    ----------
    missing, changed : tuple of str
        Files that are not there, or not as they were.
    additional : tuple of str
        Files that the run did not write; no fault, for anybody may put files there.
    seal : {"whole", "broken", "none"} or None
        Of a zip, whether all its bytes are as `segmetry archive` wrote them; "none" where
        another program packed it, `None` for a folder.
    """

    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    additional: tuple[str, ...] = ()
    seal: Seal | None = None

    @property
    def findings(self) -> tuple[str, ...]:
        """One sentence for each fault; empty where all is as written."""
        told = [f"{name} is missing." for name in self.missing]
        told += [f"{name} has changed since the run." for name in self.changed]
        if self.seal == "broken":
            told.append(
                "The zip itself has changed since `segmetry archive` wrote it: its bytes "
                "do not fit the hash at its end."
            )
        return tuple(told)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"findings": list(self.findings), **asdict(self)}


def verify(run: Path | str) -> Checked:
    """Compare the files of a run with its manifest.

    Parameters
    ----------
    run : path-like
        Folder of a run, or a zip of one.

    Returns
    -------
    Checked

    Raises
    ------
    ReadError
        If it has no readable manifest, or is a zip that no archive of a run can be.
    """
    run = Path(run)
    seal = None if run.is_dir() else seal_of(run)
    with opened_run(run) as files:
        manifest = _manifest(files, run)
        names = files.names()
        folders = _folders(names)
        wanted = {**manifest["outputs"], **_inputs_within(manifest, names | set(folders))}
        missing, changed, listed = [], [], set(_UNHASHED)
        for name, sha256 in wanted.items():
            members = [name] if name in names else folders.get(name, [])
            listed.update(members)
            if not members:
                missing.append(name)
            elif sha256 and not _is_same(files, name, members, sha256):
                changed.append(name)
    return Checked(
        missing=tuple(missing),
        changed=tuple(changed),
        additional=tuple(sorted(names - listed)),
        seal=seal,
    )


@contextmanager
def opened_run(run: Path) -> Iterator[Files]:
    """Open the folder or zip of a run.

    Raises
    ------
    ReadError
        If it is neither.
    """
    if run.is_dir():
        yield _Folder(run)
        return
    with opened_zip(run) as packed:
        yield packed


class _Folder:
    """The files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> set[str]:
        own = self._folder / ".segmetry"  # what the program remembers of corrections
        return {
            path.relative_to(self._folder).as_posix()
            for path in self._folder.rglob("*")
            if path.is_file() and not path.is_relative_to(own)
        }

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with (self._folder / name).open("rb") as file:
                yield file
        except OSError as error:
            msg = f"Cannot read {name}: {error.strerror or error}."
            raise ReadError(msg) from error


def read_manifest(run: Path) -> dict[str, Any]:
    """Return the manifest of a run.

    Raises
    ------
    ReadError
        If there is none that can be read.
    """
    with opened_run(run) as files:
        return _manifest(files, run)


def _manifest(files: Files, run: Path) -> dict[str, Any]:
    try:
        with files.opened(MANIFEST) as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            msg = "a manifest that no run writes"
            raise ValueError(msg)
        kept = json.loads(content.decode("utf-8"))
        outputs, inputs = dict(kept["outputs"].items()), list(kept["inputs"])
        paths = [one["path"] for one in inputs]
        hashes = [*outputs.values(), *(one["sha256"] for one in inputs)]
        versions = [kept["segmetry"], *dict(kept["packages"].items()).values()]
    except (*_WRONG, ReadError) as error:
        msg = (
            "Expected the folder or the zip of a run, but "
            f"{run.name} has no readable {MANIFEST}."
        )
        raise ReadError(msg) from error
    unsafe = [name for name in outputs if not is_safe(name)]
    if unsafe:
        msg = f"The manifest is refused: {unsafe[0]!r} is no file that a run writes."
        raise ReadError(msg)
    if not all(isinstance(text, str) for text in (*paths, *hashes, *versions)):
        msg = "The manifest is refused: paths, hashes and versions must be texts."
        raise ReadError(msg)
    return dict(kept)


def _inputs_within(manifest: Mapping[str, Any], names: set[str]) -> dict[str, str]:
    """Return the hash of each input that lies beside the results.

    Pictures that could not be read have an empty one.
    """
    return {
        one["path"]: one["sha256"] for one in manifest["inputs"] if one["path"] in names
    }


def _folders(names: set[str]) -> dict[str, list[str]]:
    """Return the files below each folder."""
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        for folder in PurePosixPath(name).parents:
            found.setdefault(folder.as_posix(), []).append(name)
    return found


def _is_same(files: Files, name: str, members: list[str], sha256: str) -> bool:
    try:
        return _hash(files, name, members) == sha256
    except DamagedError:
        return False


def _hash(files: Files, name: str, members: list[str]) -> str:
    if members == [name]:
        return _hash_of(files, name)
    within = {one.removeprefix(f"{name}/"): _hash_of(files, one) for one in members}
    hashes = sorted(within.values())  # of slices, whose names do not count
    if any(mark in within for mark in ZARR_MARKS):
        hashes = [f"{place} {sha256}" for place, sha256 in sorted(within.items())]
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _hash_of(files: Files, name: str) -> str:
    hashed = hashlib.sha256()
    with files.opened(name) as file:
        while piece := file.read(_PIECE):
            hashed.update(piece)
    return hashed.hexdigest()
