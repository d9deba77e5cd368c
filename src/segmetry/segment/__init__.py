"""Methods that find objects, each under a name.

`SEGMENTERS` holds the names of the methods and where they live, as text, so that nothing
is imported before it is used. A package can bring further ones through the entry-point
group "segmetry.segmenters"; those in `segmetry.adapters` need a program of others, and are
there where that is installed.
"""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Any

from segmetry.errors import RecipeError
from segmetry.segment.options import Option, options_of, suggestion, typed
from segmetry.segment.segmenter import Maps, Segmenter

__all__ = [
    "SEGMENTERS",
    "Maps",
    "Option",
    "Segmenter",
    "segmenter",
    "segmenter_names",
    "segmenter_options",
    "segmenter_picks_channel",
    "segmenter_sentence",
    "segmenters_of_tiles",
]

SEGMENTERS: Mapping[str, str] = {
    "auto": "segmetry.segment.auto:Auto",
    "threshold": "segmetry.segment.threshold:Threshold",
    "local": "segmetry.segment.local:Local",
    "ridge": "segmetry.segment.ridge:Ridge",
    "kmeans": "segmetry.segment.kmeans:KMeans",
    "gmm": "segmetry.segment.gmm:Mixture",
    "hierarchical": "segmetry.segment.hierarchical:Hierarchical",
    "regions": "segmetry.segment.regions:Regions",
    "watershed": "segmetry.segment.watershed:Watershed",
    "chanvese": "segmetry.segment.chanvese:ChanVese",
    "canny": "segmetry.segment.canny:Canny",
    "template": "segmetry.segment.template:Template",
    "nothing": "segmetry.segment.nothing:Nothing",
    "lungs": "segmetry.segment.lungs:Lungs",
    "boosted": "segmetry.models.pixel_methods:Boosted",
    "forest": "segmetry.models.pixel_methods:Forest",
    "svm": "segmetry.models.pixel_methods:SupportVectors",
    "cnn": "segmetry.models.plain:PlainConvolutions",
    "network": "segmetry.models.segmenter:NetworkSegmenter",
    "nuclei": "segmetry.models.segmenter:Nuclei",
    "particles": "segmetry.models.segmenter:Particles",
    "vessels": "segmetry.models.vessels:Vessels",
    "neurons": "segmetry.models.neurons:Neurons",
}

_MODEL_ENDING = ".segmodel"
_OF_FILE = "segmetry.models.file:segmenter_of_file"
_GROUP = "segmetry.segmenters"
_ADAPTERS = "segmetry.adapters"  # each module is named like the package that it needs


def segmenter(name: str, **options: Any) -> Segmenter:
    """Return the segmenter of a name with these options.

    Parameters
    ----------
    name : str
        One of `segmenter_names`, or a file NAME.segmodel, whose network or classifier is
        run.
    **options
        Options of the method; see `segmenter_options`. A text is read as the kind of
        value that the option takes, so "20" and "yes" will do.

    Returns
    -------
    Segmenter

    Raises
    ------
    RecipeError
        If the name or an option is not known, or a value does not fit its option.

    Examples
    --------
    >>> segmenter("threshold", min_area="20").min_area
    20
    """
    if name.endswith(_MODEL_ENDING):
        name, options = _segmenter_of_file(name), {"model": name, **options}
    kind = _kind(name)
    known = {item.name: item for item in options_of(kind)}
    for key in options:
        if key not in known:
            msg = f"segmenter {name!r} has no option {key!r}{suggestion(key, list(known))}"
            raise RecipeError(msg)
    values: dict[str, Any] = {
        key: typed(known[key], value) if isinstance(value, str) else value
        for key, value in options.items()
    }
    return kind(**values)


def segmenter_names() -> tuple[str, ...]:
    """Return the names of all segmenters that can be used, those of plug-ins last."""
    entries = entry_points(group=_GROUP)
    plugins = {entry.name for entry in entries if _lacking(entry) is None}
    return (*SEGMENTERS, *sorted(plugins - set(SEGMENTERS)))


def segmenter_options(name: str) -> tuple[Option, ...]:
    """Return the options of a segmenter: name, kind, default, help and limits.

    Raises
    ------
    RecipeError
        If the name is not known.

    Examples
    --------
    >>> [option.default for option in segmenter_options("local") if option.name == "window"]
    [0]
    """
    return options_of(_kind(name))


def segmenter_sentence(name: str) -> str:
    """Return what a segmenter does, in the one sentence that its class begins with.

    Raises
    ------
    RecipeError
        If the name is not known.

    Examples
    --------
    >>> segmenter_sentence("threshold")[-1]
    '.'
    """
    words = (_kind(name).__doc__ or name).strip().partition("\n\n")[0]
    return " ".join(words.split())


def segmenter_picks_channel(name: str) -> bool:
    """Return whether a segmenter chooses by itself in which of several channels it looks.

    Raises
    ------
    RecipeError
        If the name is not known.

    Examples
    --------
    >>> segmenter_picks_channel("ridge"), segmenter_picks_channel("threshold")
    (True, False)
    """
    return _kind(name).picks_channel


def segmenters_of_tiles() -> tuple[str, ...]:
    """Return the names of the methods that work window by window, on any size of picture.

    Examples
    --------
    >>> "threshold" in segmenters_of_tiles()
    True
    """
    return tuple(name for name in SEGMENTERS if _kind(name).takes_tiles)


def _segmenter_of_file(path: str) -> str:
    module, _, attribute = _OF_FILE.partition(":")
    told: str = getattr(import_module(module), attribute)(path)
    return told


def _kind(name: str) -> type[Segmenter]:
    if name in SEGMENTERS:
        module, _, attribute = SEGMENTERS[name].partition(":")
        kind: type[Segmenter] = getattr(import_module(module), attribute)
        return kind
    for entry in entry_points(group=_GROUP, name=name):
        if (package := _lacking(entry)) is not None:
            msg = (
                f"the segmenter {name!r} needs the package {package}, which is not "
                f"installed here: pip install {package}"
            )
            raise RecipeError(msg)
        plugin: type[Segmenter] = entry.load()
        return plugin
    names = list(segmenter_names())
    msg = f"there is no segmenter {name!r}{suggestion(name, names)}"
    raise RecipeError(msg)


def _lacking(entry: EntryPoint) -> str | None:
    """Return the package that a plug-in needs, if it is one of ours and that is missing."""
    room, _, package = entry.module.rpartition(".")
    return package if room == _ADAPTERS and find_spec(package) is None else None
