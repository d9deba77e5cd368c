"""Serving the app to the browser of one person, until Ctrl-C."""

import errno
import gc
import os
import re
import secrets
import socket
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from types import FrameType

import uvicorn

from segmetry.errors import PictureError, ReadError, RecipeError, WriteError
from segmetry.web.application import create_application
from segmetry.web.local import add_pictures
from segmetry.web.store import Store
from segmetry.workers import open_workers

__all__ = ["PORT", "STATIC", "serve"]

PORT = 8791  # any that is not well known will do
STATIC = Path(__file__).parent / "static"  # where the build puts the client
_HIGHEST_PORT = 65535
_LOOPBACK = "127.0.0.1"
_PATIENCE = 3  # seconds that requests under way are given when the server stops


def serve(
    folder: Path | None,
    *,
    port: int | None = None,
    host: str = _LOOPBACK,
    names: Sequence[str] = (),
    cluster: str | None = None,
    ready: Callable[[str], None],
) -> None:
    """Serve the app until it is interrupted.

    Parameters
    ----------
    folder : Path or None
        A folder of pictures to open; its project lies in `.segmetry` in it.
    port : int or None
        `None` takes the usual one, or any other where that is not free.
    host : str
        Address to listen on. Any but that of this computer alone lets others in who have
        the token.
    names : sequence of str
        Further names by which browsers may call the server, as "lab.example.org": those of
        a reverse proxy.
    cluster : str or None
        Dask cluster that runs methods: see `segmetry.workers.open_workers`.
    ready : callable
        Called with the address to open, token included, once the server answers.

    Raises
    ------
    WriteError
        If the client was not built into this installation, the address cannot be used, or
        the token that `SEGMETRY_TOKEN` holds is none.
    ProjectError
        If another program has the folder's project open.
    """
    if not (STATIC / "index.html").is_file():
        msg = (
            "The app's window was not built into this installation: install Segmetry from "
            "a wheel, or build it with 'npm ci' and 'npm run build' in the folder frontend."
        )
        raise WriteError(msg)
    token = _token()
    far = nullcontext() if cluster is None else open_workers(cluster=cluster)
    with _listener(host, port) as listener, far as workers:
        store = Store()
        try:
            project = None if folder is None else _opened(store, folder)
            number = listener.getsockname()[1]
            application = create_application(
                store,
                token=token,
                allowed_hosts=[*_names(host, number), *names],
                workers=workers,
            )
            shown = _LOOPBACK if host in {"0.0.0.0", "::"} else host  # noqa: S104
            shown = f"[{shown}]" if ":" in shown else shown
            address = f"http://{shown}:{number}/?token={token}"
            config = uvicorn.Config(
                application,
                log_level="error",
                timeout_graceful_shutdown=_PATIENCE,
                server_header=False,
            )
            server = _Server(
                config, lambda: ready(address + (f"#{project}" if project else ""))
            )
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            pass  # the way to stop it
        finally:
            store.close()


class _Server(uvicorn.Server):
    """A server that says when it answers, and whose streams end when it stops."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is there now stays: to look through it for what may go took 0.2 s at times.
        gc.freeze()
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.config.app.state.events.close()  # type: ignore[union-attr]
        super().handle_exit(sig, frame)


def _opened(store: Store, folder: Path) -> str:
    """Open a folder's project with all pictures that lie in the folder."""
    identifier = store.open_folder(folder)
    # Without any picture too: they can be dropped into the window.
    with suppress(RecipeError, PictureError, ReadError):
        add_pictures(store.project(identifier), [folder])
    return identifier


def _token() -> str:
    """Return what opens the app: another at each start, unless somebody chose one."""
    chosen = os.environ.get("SEGMETRY_TOKEN")
    if chosen is None:
        return secrets.token_urlsafe(32)
    if not re.fullmatch(r"[\w-]{32,200}", chosen, re.ASCII):
        msg = (
            "SEGMETRY_TOKEN must have 32 to 200 letters, digits, - or _, and be random; "
            "or leave it out, and one is made."
        )
        raise WriteError(msg)
    return chosen


def _listener(host: str, port: int | None) -> socket.socket:
    """Return a bound socket, on any free port where none is asked for."""
    if port is not None and not 0 <= port <= _HIGHEST_PORT:
        msg = f"A port is a number from 0 to {_HIGHEST_PORT}, got {port}."
        raise WriteError(msg)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for wanted in [PORT, 0] if port is None else [port]:
        try:
            listener = socket.create_server((host, wanted), family=family, backlog=128)
        except OSError as error:
            problem = error
        else:
            # Connections inherit it; else an answer may wait 40 ms for the browser's word.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return listener
    reason = (problem.strerror or str(problem)).partition(" (while")[0]
    msg = f"The app cannot listen on {host}: {reason}."
    if problem.errno == errno.EADDRINUSE:
        msg = (
            f"Port {port} is taken by another program; choose another with --port, or "
            "leave --port out."
        )
    raise WriteError(msg)


def _names(host: str, port: int) -> list[str]:
    """Return the names by which browsers may call the server."""
    names = {_LOOPBACK, "localhost", host}
    if host not in {_LOOPBACK, "localhost"}:
        names.add(socket.gethostname())
        names |= {str(found[4][0]) for found in _addresses()}
    return [f"[{name}]:{port}" if ":" in name else f"{name}:{port}" for name in names]


def _addresses() -> list[tuple[object, object, object, str, tuple[object, ...]]]:
    try:
        return list(socket.getaddrinfo(socket.gethostname(), None))
    except OSError:
        return []
