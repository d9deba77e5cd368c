"""Pictures of one place at several times: registration, objects linked, growth."""

from segmetry.tracking.growth import Growth, fit_growth
from segmetry.tracking.linking import LinkOptions, Links, Objects, link_objects
from segmetry.tracking.registration import Motion, find_motion, find_shift, move_labels
from segmetry.tracking.scores import LinkScores, judge_links
from segmetry.tracking.tracks import track_objects, typical_distance

__all__ = [
    "Growth",
    "LinkOptions",
    "LinkScores",
    "Links",
    "Motion",
    "Objects",
    "find_motion",
    "find_shift",
    "fit_growth",
    "judge_links",
    "link_objects",
    "move_labels",
    "track_objects",
    "typical_distance",
]
