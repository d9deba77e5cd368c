"""Training: all code that needs torch."""
