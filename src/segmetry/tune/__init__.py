"""Options of a method tuned on annotated pictures, and judged on others.

`tune` is the way in. Data runs so: `candidates` says what is tuned and `ranges` where,
`study` searches, `scoring` scores, `tuning` puts searches into outer folds, `outcome` says
what came of it, and `files` writes it. `training` makes a network one more method.
"""

from segmetry.tune.outcome import Tuning
from segmetry.tune.study import Search, Tried
from segmetry.tune.tuning import TuneOptions, tune

__all__ = ["Search", "Tried", "TuneOptions", "Tuning", "tune"]
