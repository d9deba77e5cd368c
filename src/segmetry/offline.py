"""Keeping OpenVINO silent: it sends usage data unless it is kept from that."""

import sys

__all__ = ["block_usage_data"]


def block_usage_data() -> None:
    """Keep OpenVINO from sending usage data; to be called before it is imported.

    Without this, importing openvino, or a package that uses it, starts a process that
    connects to a server. Each worker process has to call it too.

    Examples
    --------
    >>> block_usage_data()
    >>> import openvino_telemetry
    Traceback (most recent call last):
        ...
    ModuleNotFoundError: import of openvino_telemetry halted; None in sys.modules
    """
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
