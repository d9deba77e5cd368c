"""The same work on many items: in this process or in several."""

from segmetry.workers.running import Lost, Workers, open_workers, run_all

__all__ = ["Lost", "Workers", "open_workers", "run_all"]
