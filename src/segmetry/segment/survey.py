"""The first pass over a picture: what has to be known of the whole to see any part of it.

A picture may be larger than memory, so it is read block by block, and no more is kept of
it than histograms and reduced copies. The blocks are the same for every picture of a
size. So a method that knows a picture by its survey alone finds in any window what it
finds there in the whole picture, to the last bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Survey"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Survey:
    """What a method knows of a whole picture; each method adds what it needs.

    Parameters
    ----------
    found : dict
        What the method found in the picture, as JSON values; see `Maps`.
    """

    found: Mapping[str, Any] = field(default_factory=dict)

    def keeping(self, folder: Path) -> "Survey":
        """Return the same for who looks at windows that overlap: what costs is kept.

        Parameters
        ----------
        folder : Path
            For files that later windows, and other processes, read. It is not removed.
        """
        del folder  # for methods whose maps cost more than reading a file
        return self
