"""What can be tuned: a segmenter's options, or the training of a network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segmetry.compare.methods import learns, recipe_of
from segmetry.recipe import Recipe
from segmetry.recipe.lines import kept_whole
from segmetry.segment import Segmenter, segmenter, segmenter_options
from segmetry.segment.options import options_of, typed
from segmetry.tune.ranges import Range, ranges_of
from segmetry.tune.training import NETWORK, NetworkTraining

__all__ = ["Candidate", "candidate_of"]

_CUTTING = ("separate", "fill_holes")  # settled where lines are to stay whole
_MODEL = ".segmodel"


@dataclass(frozen=True)
class Candidate:
    """A method whose options are tuned.

    Parameters
    ----------
    name : str
        Of the segmenter, or "network" for training one.
    fixed : mapping of str to Any
        Options that stay as they are.
    ranges : tuple of Range
        What is tried of the others.
    whole : bool
        Keep lines in one piece.
    network : NetworkTraining or None
        How a network is trained, where that is tuned.
    """

    name: str
    fixed: Mapping[str, Any]
    ranges: tuple[Range, ...]
    whole: bool = False
    network: NetworkTraining | None = field(default=None, compare=False)

    @property
    def defaults(self) -> dict[str, Any]:
        """Values of the first trial."""
        return {one.name: one.default for one in self.ranges}

    @property
    def learns(self) -> bool:
        """Whether it is taught with annotated pictures for each trial."""
        return self.network is not None or learns(self.segmenter({}))

    def options(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return all options that are not at their defaults, fixed or tried."""
        changed = {
            name: value for name, value in values.items() if value != self.defaults[name]
        }
        return {**self.fixed, **changed}

    def recipe(self, values: Mapping[str, Any]) -> Recipe:
        """Return the recipe that a run takes; of one that learns still without a model."""
        name = "auto" if self.network is not None else self.name
        options = {} if self.network is not None else self.options(values)
        return recipe_of(name, options, whole=self.whole)

    def segmenter(self, values: Mapping[str, Any]) -> Any:
        """Return the segmenter with these options, not yet taught if it learns.

        Raises
        ------
        RecipeError
            If values do not go together.
        """
        if self.network is not None:
            return self.network.changed(self.options(values))
        options = self.options(values)
        found: Segmenter = segmenter(self.name, **options)
        return kept_whole(found, options) if self.whole else found


def candidate_of(
    name: str,
    settled: Mapping[str, str] | None = None,
    *,
    whole: bool = False,
    network: NetworkTraining | None = None,
) -> Candidate:
    """Return what a name says is to be tuned.

    Parameters
    ----------
    name : str
        A segmenter, a file NAME.segmodel, or "network": then the training of a network.
    settled : mapping of str to str or None
        Options that stay as they are, as texts.
    whole : bool
        Keep lines in one piece: what would cut or fill them is not tried.
    network : NetworkTraining or None
        How a network is trained, but for what is tried.

    Returns
    -------
    Candidate

    Raises
    ------
    RecipeError
        If the name or an option is not known, or nothing is left to try.

    Examples
    --------
    >>> found = candidate_of("threshold", {"min_area": "9"})
    >>> found.fixed, "min_area" in found.defaults
    ({'min_area': 9}, False)
    """
    if name == NETWORK:
        network = network or NetworkTraining()
        options = options_of(NetworkTraining)
    elif name.endswith(_MODEL):
        network, options = None, segmenter_options(NETWORK)
    else:
        network, options = None, segmenter_options(name)
    known = {option.name: option for option in options}
    fixed = {
        key: typed(known[key], value) if key in known else value
        for key, value in (settled or {}).items()
    }
    cutting = dict.fromkeys(_CUTTING, False) if whole else {}
    unasked = {key: fixed.get(key, value) for key, value in cutting.items() if key in known}
    ranges = ranges_of(options, {**unasked, **fixed})
    if network is not None and network.task != "pixels":
        ranges = tuple(one for one in ranges if one.name != "loss")
    found = Candidate(name, fixed, ranges, whole=whole, network=network)
    found.segmenter({})
    return found
