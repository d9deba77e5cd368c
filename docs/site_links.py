"""For the site: links to files that are not on it become plain text.

Pages are read in the repository as well, where they link to scripts and to the README.
"""

import re
from typing import Any

_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?!figures/|[a-z_]+\.md)[^)]+\)")


def on_page_markdown(markdown: str, **_others: Any) -> str:
    """Return a page's text without links that lead out of the site."""
    return _OUTSIDE.sub(r"\1", markdown)
