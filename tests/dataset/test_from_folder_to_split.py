"""The whole way: from folders of files to parts that share nothing."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, label

from segmetry.dataset import (
    check_pairs,
    find_pairs,
    fingerprint,
    join_groups,
    k_folds,
    leave_one_out,
    near_duplicates,
    read_column,
    read_pairs,
    split_by_group,
    unusable,
)
from segmetry.io import write_labels, write_png


def draw_blobs(seed):
    rough = np.random.default_rng(seed).normal(size=(200, 300))
    return label(gaussian_filter(rough, 9) > 0.04)[0].astype(np.uint32)


@pytest.fixture
def folder(tmp_path):
    """Twelve pictures: 0 to 3 are one field, 4 and 9 show the same, 11 has no mask."""
    rng = np.random.default_rng(0)
    rows = ["image;group"]
    for side in ("pictures", "labels"):
        (tmp_path / side).mkdir()
    for number in range(12):
        seed = 4 if number == 9 else number
        labels = draw_blobs(seed)
        pixels = (60 + 100 * (labels > 0)).astype(np.uint8)
        if number == 9:
            pixels, labels = np.rot90(pixels // 2), np.rot90(labels)
        write_png(
            tmp_path / "pictures" / f"P{number:02d}.png", np.ascontiguousarray(pixels)
        )
        write_labels(tmp_path / "labels" / f"p{number:02d}_mask.tif", labels)
        rows.append(f"P{number:02d}.png;{'field' if number < 4 else number}")
    noise = rng.integers(0, 255, (200, 300)).astype(np.uint32)
    write_labels(tmp_path / "labels" / "p11_mask.tif", noise)
    (tmp_path / "groups.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


@pytest.fixture
def grouped(folder):
    pairs = find_pairs(folder / "pictures", folder / "labels").pairs
    bad = unusable(check_pairs(pairs))
    assert bad == {"P11"}
    good = [pair for pair in pairs if pair.stem not in bad]
    names = [pair.stem for pair in good]
    group_of = read_column(folder / "groups.csv", names, "group")
    pictures = list(read_pairs(good, groups=group_of))
    prints = [fingerprint(picture.image) for picture in pictures]
    groups = join_groups([picture.group for picture in pictures], near_duplicates(prints))
    return names, groups


def test_what_belongs_together_is_one_group(grouped):
    names, groups = grouped
    assert names == [f"P{number:02d}" for number in range(11)]
    assert len({*groups[:4]}) == 1
    assert groups[4] == groups[9]
    assert len(set(groups)) == 7


@pytest.mark.parametrize("seed", range(5))
def test_no_part_shares_a_field_or_a_picture_with_the_other(grouped, seed):
    _, groups = grouped
    held_out = split_by_group(groups, 0.3, seed=seed)
    assert held_out[4] == held_out[9]
    assert len(set(held_out[:4].tolist())) == 1
    assert held_out.sum() in {3, 4}


def test_every_picture_is_held_out_once(grouped):
    _, groups = grouped
    for folds in (k_folds(groups, 3), leave_one_out(groups)):
        assert folds[4] == folds[9]
        assert sorted(set(folds.tolist())) == list(range(folds.max() + 1))
    assert leave_one_out(groups).max() == 6


def test_reading_sets_needs_no_heavy_package(loaded_by):
    loaded = loaded_by("import segmetry.dataset")
    assert {"matplotlib", "torch", "openvino"}.isdisjoint(loaded)
