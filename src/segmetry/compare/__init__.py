"""Methods compared on an annotated set: scores, costs, and paired differences.

`compare` is the way in. Data runs so: `methods` names what is compared, `pictures` finds
the set, `work` deals jobs, `judging` carries one out, `store` keeps what came of it,
`differences` and `comparison` make scores of it, and `tables` and `files` write them.
"""

from segmetry.compare.comparing import CompareOptions, compare
from segmetry.compare.comparison import Comparison, Price
from segmetry.compare.differences import Difference
from segmetry.compare.methods import Method, find_methods, parse_method
from segmetry.compare.outcome import Outcome

__all__ = [
    "CompareOptions",
    "Comparison",
    "Difference",
    "Method",
    "Outcome",
    "Price",
    "compare",
    "find_methods",
    "parse_method",
]
