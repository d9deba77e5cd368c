"""Model files, and running them without torch."""
