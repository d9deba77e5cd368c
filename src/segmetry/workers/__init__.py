"""The same work on many items: in this process, in several, or on a cluster."""

from segmetry.workers.running import Lost, Workers, open_workers, run_all

__all__ = ["Lost", "Workers", "open_workers", "run_all"]
