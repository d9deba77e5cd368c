"""Corrections by hand: strokes to pixels, operations, changes that can be undone."""
