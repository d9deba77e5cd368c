from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from scipy import ndimage

from segmetry.learn.augment import Appearance, vary

STILL = Appearance.none()
ALL = Appearance(shuffle=0.5, invert=0.5, blur=0.5, noise=0.5)
NAMES = [field.name for field in fields(Appearance)]


def drawn(seed):
    return torch.Generator().manual_seed(seed)


def pictures(n=6, channels=3, side=16, seed=0):
    return torch.rand((n, channels, side, side), generator=drawn(seed))


def varied(batch, seed=1, **options):
    return vary(batch, replace(STILL, **options), drawn(seed))


def fitted(before, after):
    """Slope, start and largest residual of the straight line from before to after."""
    x, y = before.flatten().double().numpy(), after.flatten().double().numpy()
    slope, start = np.polyfit(x, y, 1)
    return slope, start, np.abs(slope * x + start - y).max()


@pytest.mark.parametrize("channels", [1, 3])
def test_without_changes_pictures_stay_as_they_are(channels):
    batch = 2 * pictures(channels=channels) - 0.5
    assert torch.allclose(vary(batch, STILL, drawn(0)), batch, atol=1e-5)


def test_brightness_shifts_each_picture_as_a_whole():
    batch = pictures(n=64)
    shift = varied(batch, brightness=0.15) - batch
    assert shift.std(dim=(1, 2, 3)).max() < 1e-6
    per_picture = shift.mean(dim=(1, 2, 3))
    assert per_picture.abs().max() <= 0.15
    assert per_picture.min() < -0.1
    assert per_picture.max() > 0.1


def test_contrast_spreads_values_about_the_mean_of_each_picture():
    batch = pictures(n=48)
    slopes = []
    for before, after in zip(batch, varied(batch, contrast=0.3), strict=True):
        slope, _, residual = fitted(before, after)
        assert residual < 1e-5
        assert after.mean().item() == pytest.approx(before.mean().item(), abs=1e-5)
        slopes.append(slope)
    assert 0.7 <= min(slopes) < 0.8
    assert 1.2 < max(slopes) <= 1.3


def test_gamma_is_a_power_that_keeps_nought_one_and_signs():
    batch = torch.linspace(-0.5, 1.5, 41).reshape(1, 1, 1, 41).repeat(40, 1, 5, 1)
    bent = varied(batch, gamma=0.7)
    assert torch.allclose(bent[..., 30], torch.tensor(1.0), atol=1e-5)
    assert torch.allclose(bent[..., 10], torch.tensor(0.0), atol=1e-3)
    assert (bent.diff(dim=-1) >= 0).all()
    assert (bent.sign()[..., [0, 5, 15, 40]] == batch.sign()[..., [0, 5, 15, 40]]).all()
    octaves = torch.log2(bent[:, 0, 0, 40].log() / batch[:, 0, 0, 40].log())
    assert octaves.abs().max() <= 0.7 + 1e-4
    assert octaves.min() < -0.4
    assert octaves.max() > 0.4
    one = bent[3, 0, 0]
    assert torch.allclose(one[20:], batch[3, 0, 0, 20:] ** 2 ** octaves[3], atol=1e-4)


def test_inverted_pictures_are_one_minus_themselves():
    batch = pictures(n=200, channels=1, side=6)
    changed = varied(batch, invert=0.3)
    inverted = (changed - (1 - batch)).abs().amax(dim=(1, 2, 3)) < 1e-5
    same = (changed - batch).abs().amax(dim=(1, 2, 3)) < 1e-5
    assert (inverted ^ same).all()
    assert 35 < inverted.sum() < 85


def test_colours_are_multiplied_each_by_its_own_factor():
    batch = pictures(n=50) + 0.1
    gain = varied(batch, colour=0.2) / batch
    assert gain.std(dim=(2, 3)).max() < 1e-5
    each = gain.mean(dim=(2, 3))
    assert 0.8 <= each.min() < 0.85
    assert 1.15 < each.max() <= 1.2
    assert (each.max(dim=1).values - each.min(dim=1).values).max() > 0.2


def test_shuffled_channels_are_the_same_channels():
    batch = pictures(n=200, side=5)
    changed = varied(batch, shuffle=0.6)
    orders = set()
    for before, after in zip(batch, changed, strict=True):
        places = [
            next(k for k in range(3) if torch.allclose(before[k], plane, atol=1e-5))
            for plane in after
        ]
        assert sorted(places) == [0, 1, 2]
        orders.add(tuple(places))
    assert len(orders) == 6
    moved = ((changed - batch).abs().amax(dim=(1, 2, 3)) > 1e-4).sum()
    assert 70 < moved < 130  # a sixth of the shuffled ones keep their order


@pytest.mark.parametrize("seed", range(3))
def test_blurred_pictures_are_those_of_a_gaussian_filter(seed):
    batch = pictures(n=4, channels=3, side=32, seed=seed)
    changed = varied(batch, seed=seed, blur=1.0)
    widths = np.linspace(0.3, 1.5, 121)
    for before, after in zip(batch.numpy(), changed.numpy(), strict=True):
        differences = [
            np.abs(
                ndimage.gaussian_filter(
                    before, (0, sd, sd), mode="mirror", radius=(0, 4, 4)
                )
                - after
            ).max()
            for sd in widths
        ]
        assert min(differences) < 0.01
        assert max(differences) > 0.03


def test_the_share_of_blurred_pictures_is_as_asked_and_others_stay():
    batch = pictures(n=200, channels=1, side=9)
    changed = (varied(batch, blur=0.25) - batch).abs().amax(dim=(1, 2, 3)) > 1e-4
    assert 30 < changed.sum() < 70


def test_blurring_keeps_flat_pictures_flat_up_to_their_edges():
    flat = torch.full((3, 3, 12, 12), 0.7)
    assert torch.allclose(varied(flat, blur=1.0), flat, atol=1e-6)


def test_noise_has_no_bias_and_spreads_up_to_the_limit():
    batch = torch.full((60, 1, 40, 40), 0.5)
    noise = varied(batch, noise=1.0, noise_sd=0.08) - batch
    spread = noise.std(dim=(1, 2, 3))
    assert noise.mean().abs() < 1e-3
    assert spread.max() < 0.083
    assert spread.max() > 0.07
    assert spread.min() < 0.01
    neighbours = (noise[..., 1:] * noise[..., :-1]).mean() / noise.var()
    assert neighbours.abs() < 0.02


def test_the_share_of_noisy_pictures_is_as_asked():
    batch = pictures(n=300, channels=1, side=6)
    changed = (varied(batch, noise=0.3, noise_sd=0.1) - batch).abs().amax(dim=(1, 2, 3))
    assert 60 < (changed > 1e-4).sum() < 120


@pytest.mark.parametrize("name", [name for name in NAMES if name != "noise_sd"])
def test_each_change_alone_changes_pictures(name):
    options = {name: 1.0, "noise_sd": 0.1}
    batch = pictures() * 0.8 + 0.1
    assert (varied(batch, **options) - batch).abs().max() > 0.01


@pytest.mark.parametrize("seed", range(10))
def test_grey_pictures_stay_grey(seed):
    grey = pictures(channels=1, seed=seed).repeat(1, 3, 1, 1)
    changed = vary(grey, ALL, drawn(seed))
    assert torch.allclose(changed[:, 0], changed[:, 1], atol=1e-6)
    assert torch.allclose(changed[:, 0], changed[:, 2], atol=1e-6)


def test_a_grey_picture_is_spared_new_colours_and_its_neighbour_is_not():
    batch = pictures(n=2)
    batch[0] = batch[0, :1]
    changed = varied(batch, colour=0.2, shuffle=1.0)
    assert torch.allclose(changed[0], batch[0], atol=1e-5)
    assert not torch.allclose(changed[1], batch[1], atol=1e-2)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("seed", range(5))
def test_pictures_of_a_batch_do_not_see_each_other(channels, seed):
    batch = pictures(channels=channels)
    other = pictures(channels=channels, seed=99)
    other[2] = batch[2]
    first, second = (vary(each, ALL, drawn(seed)) for each in (batch, other))
    assert torch.allclose(first[2], second[2], atol=1e-6)
    assert not torch.allclose(first[1], second[1], atol=1e-2)


def test_pictures_of_a_batch_are_changed_each_in_its_own_way():
    batch = pictures(n=1).repeat(8, 1, 1, 1)
    changed = vary(batch, ALL, drawn(0))
    differs = [
        not torch.allclose(changed[a], changed[b], atol=1e-3)
        for a in range(8)
        for b in range(a)
    ]
    assert all(differs)


def test_the_same_random_numbers_make_the_same_change():
    batch = pictures()
    first, second, other = (vary(batch, ALL, drawn(seed)) for seed in (3, 3, 4))
    assert torch.equal(first, second)
    assert not torch.allclose(first, other, atol=1e-2)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_changed_in_place_or_out_of_bounds(channels, seed):
    batch = 2 * pictures(channels=channels, seed=seed) - 0.5
    kept = batch.clone()
    changed = vary(batch, Appearance(), drawn(seed))
    assert torch.equal(batch, kept)
    assert changed.shape == batch.shape
    assert changed.dtype == torch.float32
    assert changed.isfinite().all()
    assert changed.abs().max() < 5


def test_the_order_of_values_in_memory_does_not_matter():
    batch = pictures()
    last = batch.to(memory_format=torch.channels_last)
    found = vary(last, ALL, drawn(0))
    assert torch.allclose(found, vary(batch, ALL, drawn(0)), atol=1e-6)
