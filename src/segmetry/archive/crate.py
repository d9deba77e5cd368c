"""A run described for others, as an RO-Crate: what was done, by what, to what.

References
----------
.. [1] S. Soiland-Reyes et al., "Packaging research artefacts with RO-Crate", Data Science
       5, 2022. doi:10.3233/DS-210053
.. [2] S. Leo et al., "Recording provenance of workflow runs with RO-Crate", PLOS ONE 19,
       2024. doi:10.1371/journal.pone.0309210
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from segmetry.archive.checking import CRATE
from segmetry.archive.layout import INPUTS

__all__ = ["Described", "crate_of"]

_VERSION = "https://w3id.org/ro/crate/1.1"
_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_CONTEXT = [f"{_VERSION}/context", "https://w3id.org/ro/terms/workflow-run/context"]
_TYPES = {  # those that the system knows differ from machine to machine
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".log": "text/plain",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".segmodel": "application/zip",
    ".tif": "image/tiff",
    ".toml": "application/toml",
}
_TOLD = {
    "objects.csv": "Objects: one row for each, with its measurements",
    "images.csv": "Pictures: one row for each, with what was found or why it failed",
    "summary.json": "Statistics of the sizes, with intervals",
    "schema.json": "What the columns of the tables mean, and their units",
    "report.html": "Report",
    "recipe.toml": "Recipe: every choice of the run",
    "manifest.json": "Manifest: hashes of the files, and the versions that made them",
    "run.log": "Log",
}


@dataclass(frozen=True, kw_only=True)
class Described:
    """What an RO-Crate tells of a run.

    Parameters
    ----------
    name : str
        Of the run.
    finished : str
        Day of its end, as ISO 8601 writes it: a log tells the time, but not of which zone.
    manifest : mapping
        Of the run, with places in the archive.
    sizes : mapping of str to int
        Bytes of each file of the archive.
    hashes : mapping of str to str
        SHA-256 of each of them.
    """

    name: str
    finished: str
    manifest: Mapping[str, Any]
    sizes: Mapping[str, int]
    hashes: Mapping[str, str]


def crate_of(run: Described) -> dict[str, Any]:
    """Return the content of `ro-crate-metadata.json`.

    It follows RO-Crate 1.1 [1]_ and its profile for the run of a program [2]_.

    Parameters
    ----------
    run : Described

    Returns
    -------
    dict
        JSON values.
    """
    files = [_file(run, name) for name in sorted(run.sizes)]
    elsewhere = _elsewhere(run)
    used = [one for one in files if _is_input(one["name"])] + elsewhere
    made = [one for one in files if one["name"] in run.manifest["outputs"]]
    recipe = _id("recipe.toml")
    program = {
        "@id": "#segmetry",
        "@type": "SoftwareApplication",
        "name": "Segmetry",
        "version": run.manifest["segmetry"],
        "softwareRequirements": [
            f"{name} {version}" for name, version in run.manifest["packages"].items()
        ],
    }
    action = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Objects found and measured in {run.name}",
        "description": "Every choice is in recipe.toml; pictures that failed are in "
        "images.csv, each with its reason.",
        "endTime": run.finished,
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "instrument": _reference(program),
        "object": [{"@id": recipe}, *(_reference(one) for one in used)],
        "result": [_reference(one) for one in made if one["@id"] != recipe],
    }
    profile = {
        "@id": _PROFILE,
        "@type": "CreativeWork",
        "name": "Process Run Crate",
        "version": "0.5",
    }
    terms = {
        "@id": "#terms",
        "@type": "CreativeWork",
        "name": "Terms of use",
        "description": "Not stated here: whoever publishes this archive says them.",
    }
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": run.name,
        "description": "Objects found and measured by Segmetry in microscope pictures: "
        "tables, labels, statistics, and the recipe that repeats them.",
        "datePublished": run.finished,
        "license": _reference(terms),
        "conformsTo": _reference(profile),
        "hasPart": [_reference(one) for one in files],
        "mentions": _reference(action),
    }
    about = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": _VERSION},
    }
    graph = [about, root, terms, profile, program, action, *files, *elsewhere]
    return {"@context": _CONTEXT, "@graph": graph}


def _file(run: Described, name: str) -> dict[str, Any]:
    kind = _TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")
    told = {"description": _TOLD[name]} if name in _TOLD else {}
    return {
        "@id": _id(name),
        "@type": "File",
        "name": name,
        **told,
        "encodingFormat": kind,
        "contentSize": str(run.sizes[name]),
        "sha256": run.hashes[name],
    }


def _elsewhere(run: Described) -> list[dict[str, Any]]:
    """Return what was read, but is not in the archive."""
    within = {name.rpartition("/")[0] for name in run.sizes} | set(run.sizes)
    return [
        {
            "@id": f"#{quote(one['path'])}",
            "@type": "CreativeWork",
            "name": one["path"].rpartition("/")[2],
            "description": "Not in this archive; known by its hash.",
            "sha256": one["sha256"],
        }
        for one in run.manifest["inputs"]
        if one["path"] not in within
    ]


def _is_input(name: str) -> bool:
    return name.startswith(f"{INPUTS}/")


def _id(name: str) -> str:
    return quote(name)


def _reference(entity: Mapping[str, Any]) -> dict[str, Any]:
    return {"@id": entity["@id"]}
