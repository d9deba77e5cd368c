"""Films of drawn discs, with their true tracks."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def scenes():
    """What draws films."""
    return SimpleNamespace(drawn=drawn, on_a_grid=on_a_grid, film=film, partition=partition)


def drawn(discs, shape=(120, 140), *, numbers=None):
    """Return a label image of discs (y, x, radius), numbered from 1 or as told."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.uint32)
    for place, (row, column, radius) in enumerate(discs):
        number = place + 1 if numbers is None else numbers[place]
        labels[np.hypot(y - row, x - column) <= radius] = number
    return labels


def on_a_grid(seed, *, n=3, spacing=36, radius=7, jitter=4):
    """Return n x n discs that do not touch, wherever they are jittered to."""
    random = np.random.default_rng(seed)
    at = spacing * (np.arange(n) + 0.7)
    rows, columns = (part.ravel() for part in np.meshgrid(at, at, indexing="ij"))
    discs = np.stack([rows, columns, np.full(n * n, float(radius))], axis=1)
    discs[:, :2] += random.uniform(-jitter, jitter, (n * n, 2))
    return discs


def film(seed, *, n_frames=6, divides=(), speed=3.0):
    """Return label images of moving, dividing discs, with shuffled labels, and the truth.

    Parameters
    ----------
    divides : sequence of (disc, frame)
        Discs that are two from that frame on.

    Returns
    -------
    frames : list of ndarray
    truth : DataFrame
        As `track_objects` gives it.
    """
    random = np.random.default_rng(seed)
    start = on_a_grid(seed)
    steps = random.uniform(-speed, speed, (len(start), 2))
    steps *= np.minimum(1, 14 / (n_frames * np.abs(steps).max(axis=1, keepdims=True)))
    frames, rows = [], []
    for frame in range(n_frames):
        discs, tracks, parents = [], [], []
        for number, radius in enumerate(start[:, 2]):
            y, x = start[number, :2] + frame * steps[number]
            at = dict(divides).get(number, n_frames)
            if frame < at:
                discs.append((y, x, radius))
                tracks.append(number + 1)
                parents.append("")
                continue
            for side in (-1, 1):
                apart = radius + min(frame - at, 1)
                discs.append((y, x + side * apart, radius * 0.7))
                tracks.append(100 * (number + 1) + side)
                parents.append(str(number + 1))
        numbers = 1 + random.permutation(len(discs))
        frames.append(drawn(discs, numbers=numbers))
        rows += [
            {"frame": frame, "label": label, "track": track, "parents": above}
            for label, track, above in zip(numbers, tracks, parents, strict=True)
        ]
    return frames, pd.DataFrame(rows)


def partition(tracks):
    """Return the tracks as sets of (frame, label): what does not hang on their numbers."""
    return {
        frozenset(zip(part["frame"], part["label"], strict=True))
        for _, part in tracks.groupby("track")
    }
