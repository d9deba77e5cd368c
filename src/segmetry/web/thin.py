"""Routes about the thin structures of labels: their numbers, and where they run."""

from typing import TYPE_CHECKING, Annotated, Any

import imagecodecs
import numpy as np
from fastapi import APIRouter, Header, Response
from numpy.typing import NDArray

from segmetry.measure.thin_tables import quantities
from segmetry.project.thin import Thinned
from segmetry.web.packed import packed_answer
from segmetry.web.parts import Identifier, InMeasuring, InStore
from segmetry.web.rows import rows_json
from segmetry.web.store import Store

if TYPE_CHECKING:  # its compiled loops are for the process that measures
    from segmetry.measure.thin import ThinStructures

__all__ = ["paths_of", "router"]

router = APIRouter(prefix="/labels/{label}/thin", tags=["labels"])


@router.get("")
def thin(label: Identifier, store: InStore, measuring: InMeasuring) -> dict[str, Any]:
    """Return the numbers of the picture's lines, and the table of segments, as of now."""
    measured = _measured(label, store, measuring)
    found = measured.found
    size = None if found.pixel_size is None else found.pixel_size.in_um.x
    return {
        "rev": measured.rev,
        "pixel_size_um": size,
        "picture": quantities(found.picture),
        "segments": rows_json(found.segments),
    }


@router.get("/paths", response_class=Response)
def paths(
    label: Identifier,
    store: InStore,
    measuring: InMeasuring,
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Return points along all segments as little-endian float32, see `paths_of`."""
    measured = _measured(label, store, measuring)
    content = paths_of(measured.found).astype("<f4").tobytes()
    packed = bytes(imagecodecs.zstd_encode(content, level=1))
    headers = {"X-Revision": str(measured.rev), "Cache-Control": "no-cache"}
    return packed_answer(packed, accept_encoding, headers)


def paths_of(found: "ThinStructures") -> NDArray[np.float32]:
    """Return x, y and width, in pixels, of points about a pixel apart along the segments.

    Widths are those from grey values where they were measured, else those of the mask, as
    in `segmetry.report.thin_figure`; NaN where none was.

    Parameters
    ----------
    found : ThinStructures

    Returns
    -------
    ndarray of float32, shape (P + S, 3)
        The S segments in the order of their table, a row of NaN after each.

    Examples
    --------
    >>> from segmetry.measure.thin import measure_thin
    >>> bar = np.zeros((20, 40), bool)
    >>> bar[9:12, 5:35] = True
    >>> path = paths_of(measure_thin(bar))
    >>> path[[0, 15, -2]].round(1).tolist(), bool(np.isnan(path[-1]).all())
    ([[4.5, 10.0, nan], [19.0, 10.0, 3.0], [34.5, 10.0, nan]], True)
    """
    widths = found.widths if found.grey_widths is None else found.grey_widths
    rows = np.column_stack([found.lines.points[:, ::-1], widths]).astype(np.float32)
    return np.insert(rows, found.lines.offsets[1:], np.nan, axis=0)


def _measured(label: str, store: Store, measuring: InMeasuring) -> Thinned:
    project = store.project_of_labels(label)
    return project.thin.of(project.labels.record(label), measure=measuring.measure)
