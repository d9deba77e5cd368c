"""Annotated sets: pictures with their masks, checked, grouped and split."""
