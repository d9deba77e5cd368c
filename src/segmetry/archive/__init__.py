"""Runs as archives: one zip that anyone can check, and do again.

=============  ====================================================================
module         what it does
=============  ====================================================================
`checking`     compares the files of a run with its manifest
`layout`       where what a run read lies in its archive
`packing`      writes a run to a zip
`crate`        describes it as an RO-Crate
`zips`         zips that are the same for the same files; refuses hostile ones
`recomputing`  runs the recipe again, and compares
`comparing`    how labels and tables of two runs differ
=============  ====================================================================
"""

from segmetry.archive.checking import Checked, verify
from segmetry.archive.packing import Archived, archive
from segmetry.archive.recomputing import Recomputed, recompute

__all__ = ["Archived", "Checked", "Recomputed", "archive", "recompute", "verify"]
