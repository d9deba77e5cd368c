"""Both losses learn from the same, and are judged where brightness does not help."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
import vessels_comparison
import vessels_loss
from vessels_comparison import PRETRAINED, Run, Source, judged
from vessels_comparison_page import LAST_SECTION
from vessels_loss import cutoff_for, found_at, judged_thin, main
from vessels_loss_page import LOSSES

from segmetry.evaluate import rank_pixels
from segmetry.image import Image
from segmetry.learn.examples import Example
from segmetry.segment import Maps

TINY = {"kind": "unet", "channels": 3, "outputs": ["foreground"], "base": 4, "levels": 2}


def drawn(seed, *, shape=(66, 72)):
    """Return a picture of one thin and one thick dark line, seen through a disc."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    lines = (np.abs(x - random.integers(15, 30)) < 1) | (
        np.abs(x - random.integers(40, 55)) < 3
    )
    grey = np.where(lines, 90, 150) + random.normal(0, 6, shape)
    pixels = np.stack([grey, grey, grey], axis=-1).clip(0, 255).astype(np.uint8)
    outside = (y - shape[0] / 2) ** 2 + (x - shape[1] / 2) ** 2 > 31**2
    return Example(
        Image(pixels, axes="YXC", excluded=outside),
        lines.astype(np.uint32),
        name=f"{seed}.png",
        group=str(seed),
    )


@pytest.fixture(scope="module")
def pictures():
    return [drawn(seed) for seed in range(10)]


def tiny_source():
    return Source(TINY, {}, "a drawn encoder")


def test_the_losses_are_all_that_differs():
    runs = [Run(PRETRAINED, 1, 0, tiny_source(), 9, loss) for loss in LOSSES]
    for one, other in zip(*(run.plans() for run in runs), strict=True):
        assert (one.loss, other.loss) == ("bce", "bce_cldice")
        assert replace(other, loss=one.loss) == one
    weights = [run.source.weights(run.seed, pretrained=True) for run in runs]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("specificity", [0.5, 0.9, 0.9725, 0.999])
def test_a_cutoff_leaves_out_as_much_background_as_is_asked_for(seed, specificity):
    random = np.random.default_rng(seed)
    truth = random.random(4000) > 0.8
    values = (random.random(4000) + 0.3 * truth).astype(np.float32)
    cutoff = cutoff_for(rank_pixels(values, truth), specificity)
    background = values[~truth]
    assert (background < cutoff).mean() >= specificity - 1e-9
    below = values[values < cutoff].max()  # the next cutoff lets too many in
    assert (background < below).mean() < specificity + 1e-9


def noisy(one, seed):
    random = np.random.default_rng(seed)
    values = 0.5 * (one.labels > 0) + 0.5 * random.random(one.labels.shape)
    return values.astype(np.float32)


def test_a_map_that_is_only_brighter_gains_nothing_at_equal_specificity(pictures):
    held = pictures[:3]
    values = [noisy(one, k) for k, one in enumerate(held)]
    plain, bright = (
        judged_thin([Maps(foreground=value**power) for value in values], held)
        for power in (4, 0.25)
    )
    for score in ("dice", "cldice", "thin", "recall", "precision"):
        assert plain[f"{score}_specific"] == bright[f"{score}_specific"]
    assert np.mean(plain["recall_half"]) < np.mean(bright["recall_half"])
    assert plain["cutoff"] < bright["cutoff"]


def test_what_the_comparison_says_is_in_it_too(pictures):
    held = pictures[:2]
    maps = [Maps(foreground=noisy(one, 3)) for one in held]
    told = judged_thin(maps, held)
    assert told.items() >= judged(maps, held).items()
    assert all(len(told[f"thin_{at}"]) == 2 for at in ("half", "specific"))


def test_a_lost_thin_line_is_told_and_what_lies_outside_is_not(pictures):
    one = pictures[0]
    perfect = Maps(foreground=(one.labels > 0).astype(np.float32))
    assert set(found_at(0.5, perfect, one).values()) == {1.0}
    column = int(np.flatnonzero(one.labels[33] > 0)[0])  # the thin line is the left one
    lost = perfect.foreground.copy()
    lost[:, :35] = 0
    assert column < 35
    told = found_at(0.5, Maps(foreground=lost), one)
    assert told["thin"] == 0
    assert 0.3 < told["recall"] < 0.7
    assert told["precision"] == 1
    elsewhere = np.where(one.image.included, perfect.foreground, 1)
    assert set(found_at(0.5, Maps(foreground=elsewhere), one).values()) == {1.0}


def test_a_single_start_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["vessels_loss.py", "--starts", "1"])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "one run of each says nothing" in capsys.readouterr().err


@pytest.mark.slow
def test_one_command_writes_the_section_and_a_second_one_trains_nothing(
    tmp_path, monkeypatch, pictures, write_drive
):
    write_drive(tmp_path, pictures)
    monkeypatch.setattr(vessels_loss, "STEPS", 3)
    monkeypatch.setattr(vessels_loss, "source_of", lambda *_, **__: tiny_source())
    out, page = tmp_path / "out", tmp_path / "page.md"
    page.write_text("# Title\n", encoding="utf-8")
    command = ["x", "--data", str(tmp_path), "--out", str(out), "--starts", "2"]
    monkeypatch.setattr(sys, "argv", [*command, "--write", str(page)])
    main()
    written = page.read_text(encoding="utf-8")
    assert written.startswith(f"# Title\n\n{LAST_SECTION}\n")
    assert "8 trainings of 3 steps" in written
    assert sorted(path.suffix for path in out.iterdir()) == [".json"] * 8
    monkeypatch.delattr(vessels_comparison, "fit")
    main()
    assert page.read_text(encoding="utf-8") == written
