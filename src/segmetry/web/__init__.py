"""The web app's server: thin routes over projects, for a browser on the same computer.

Each file holds one router, the routes about one thing; `create_application` puts them
together behind the checks of `segmetry.web.security`.
"""

from segmetry.web.application import create_application
from segmetry.web.store import Store

__all__ = ["Store", "create_application"]
