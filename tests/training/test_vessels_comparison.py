"""Variants differ in what they say alone, and each picture's judge has not seen it."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
import vessels_comparison
from vessels_comparison import (
    AUGMENTED,
    FULL_STEPS,
    GEOMETRY,
    PLAIN,
    PRETRAINED,
    STEPS,
    VARIANTS,
    Run,
    Source,
    by_ridge,
    fingerprint,
    held_out,
    judged,
    main,
    source_of,
)

from segmetry.errors import ModelError
from segmetry.image import Image
from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.encoders import build_encoder
from segmetry.learn.examples import Example
from segmetry.learn.export import start_weights, weights_bytes
from segmetry.learn.networks import build
from segmetry.models import find_model, read_model, write_model
from segmetry.segment import Maps

TINY = {"kind": "unet", "channels": 3, "outputs": ["foreground"], "base": 4, "levels": 2}


def tiny_source(value=0.1):
    weights = build(TINY).state_dict()
    encoder = {
        name: torch.full_like(one, value)
        for name, one in weights.items()
        if name.startswith("down.") and one.is_floating_point()
    }
    return Source(TINY, encoder, "a drawn encoder")


def drawn(seed, *, shape=(70, 85)):
    """Return a picture with dark slanted lines on bright ground, seen through a disc."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    lines = np.zeros(shape, bool)
    for _ in range(3):
        slope, place = random.uniform(-0.5, 0.5), random.uniform(15, shape[1] - 15)
        lines |= np.abs(x - place - slope * (y - shape[0] / 2)) < 2
    grey = np.where(lines, 90, 150) + random.normal(0, 6, shape)
    pixels = np.stack([grey, grey, grey], axis=-1).clip(0, 255).astype(np.uint8)
    outside = (y - shape[0] / 2) ** 2 + (x - shape[1] / 2) ** 2 > 33**2
    pixels[outside] = 0
    return Example(
        Image(pixels, axes="YXC", excluded=outside),
        lines.astype(np.uint32),
        name=f"{seed}.png",
        group=str(seed),
    )


@pytest.fixture(scope="module")
def pictures():
    return [drawn(seed) for seed in range(10)]


def run(variant, *, seed=1, fold=0, steps=9, source=None):
    return Run(variant, seed, fold, source or tiny_source(), steps)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_differs_in_augmentation_alone(variant):
    for plan, other in zip(run(variant).plans(), run(AUGMENTED).plans(), strict=True):
        same = replace(plan, geometry=other.geometry, appearance=other.appearance)
        assert same == other
        is_plain = variant == PLAIN
        assert (plan.geometry == Geometry.none()) == is_plain
        assert (plan.appearance == Appearance.none()) == is_plain


@pytest.mark.parametrize("steps", [9, 100, STEPS, FULL_STEPS])
def test_all_steps_are_taken_and_the_last_third_moves_whole_pixels(steps):
    first, last = run(AUGMENTED, steps=steps).plans()
    assert first.schedule.steps + last.schedule.steps == steps
    assert first.schedule.steps == pytest.approx(2 / 3 * steps, abs=0.5)
    assert first.geometry == GEOMETRY
    assert last.geometry == replace(Geometry.none(), flips=True, quarters=True)
    assert (first.side, first.batch, first.loss, first.diameter) == (64, 16, "bce", None)
    for plan in (first, last):  # one validation, at the end: nothing can be chosen
        assert plan.schedule.validate_every == plan.schedule.steps


def test_crops_of_the_last_turn_are_others():
    first, last = run(PLAIN).plans()
    seeds = {plan.seed for seed in range(50) for plan in run(PLAIN, seed=seed).plans()}
    assert len(seeds) == 100
    assert first.seed != last.seed


@pytest.mark.parametrize("seed", range(3))
def test_starts_of_one_number_share_all_but_the_encoder(seed):
    source = tiny_source()
    scratch, pretrained = (
        source.weights(seed, pretrained=chosen) for chosen in (False, True)
    )
    differing = {
        name for name in scratch if not torch.equal(scratch[name], pretrained[name])
    }
    assert differing == set(source.encoder)
    again = source.weights(seed, pretrained=False)
    assert all(torch.equal(scratch[name], again[name]) for name in scratch)
    other = source.weights(seed + 1, pretrained=False)
    assert not torch.equal(scratch["down.0.0.weight"], other["down.0.0.weight"])


def test_weights_to_start_from_leave_the_random_numbers_alone():
    source = tiny_source()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    source.weights(0, pretrained=False)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("n", [2, 10, 20, 21])
def test_every_picture_is_held_out_once(n):
    numbers = list(range(n))
    halves = [held_out(numbers, fold) for fold in range(2)]
    assert sorted(halves[0] + halves[1]) == numbers
    assert abs(len(halves[0]) - len(halves[1])) <= 1


def test_a_net_is_judged_on_pictures_that_it_did_not_see(tmp_path, monkeypatch, pictures):
    asked = []

    class EnoughError(Exception):
        pass

    def fit(learned, held, plan, *, checkpoint, start):
        del plan, checkpoint, start
        asked.append((learned, held))
        raise EnoughError

    monkeypatch.setattr(vessels_comparison, "fit", fit)
    for fold in range(2):
        with pytest.raises(EnoughError):
            run(PLAIN, fold=fold).result(pictures, tmp_path, shown="")
    (one, held), (other, _) = asked
    assert len(one) == len(other) == 5
    assert not {id(picture) for picture in one} & {id(picture) for picture in other}
    assert held[0] not in one


@pytest.mark.slow
def test_a_training_is_kept_and_its_checkpoints_are_not(tmp_path, monkeypatch, pictures):
    result = run(PRETRAINED).result(pictures, tmp_path, shown="these")
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]
    assert len(result["auc_roc"]) == len(result["auc_pr"]) == 5
    assert 0 <= result["pooled"] <= 1
    assert result["cpu_s"] > 0
    monkeypatch.delattr(vessels_comparison, "fit")  # so nothing can be trained
    assert run(PRETRAINED).result(pictures, tmp_path, shown="these") == result


@pytest.mark.slow
def test_a_stopped_training_goes_on_to_the_same_result(tmp_path, monkeypatch, pictures):
    whole = run(AUGMENTED).result(pictures, tmp_path / "whole", shown="")
    fit = vessels_comparison.fit
    turns = []

    def stopping(*parts, **options):
        if turns:
            raise KeyboardInterrupt
        turns.append(1)
        return fit(*parts, **options)

    monkeypatch.setattr(vessels_comparison, "fit", stopping)
    with pytest.raises(KeyboardInterrupt):
        run(AUGMENTED).result(pictures, tmp_path / "again", shown="")
    left = [path.name for path in (tmp_path / "again").iterdir()]
    assert len(left) == 1
    assert left[0].endswith(".1.checkpoint")
    monkeypatch.setattr(vessels_comparison, "fit", fit)
    again = run(AUGMENTED).result(pictures, tmp_path / "again", shown="")
    assert {**again, "cpu_s": 0} == {**whole, "cpu_s": 0}


def names_of(folder, monkeypatch, runs):
    """Return the names under which runs keep their results, without training."""

    def trained(self, _pictures, stem, judge):
        del self, judge
        return {"name": stem.name}

    monkeypatch.setattr(Run, "_trained", trained)
    return [one.result([], folder, shown=shown)["name"] for one, shown in runs]


def test_results_of_other_runs_pictures_or_weights_are_not_taken(tmp_path, monkeypatch):
    other = tiny_source(0.2)
    runs = [
        *((run(variant), "these") for variant in VARIANTS),
        (run(PLAIN, seed=2), "these"),
        (run(PLAIN, fold=1), "these"),
        (run(PLAIN, steps=12), "these"),
        (run(PLAIN), "others"),
        (run(PRETRAINED, source=other), "these"),
    ]
    names = names_of(tmp_path, monkeypatch, runs)
    assert len(set(names)) == len(runs)
    scratch = [(run(PLAIN), "these"), (run(PLAIN, source=other), "these")]
    first, second = names_of(tmp_path, monkeypatch, scratch)
    assert first == second  # from scratch, pretrained weights do not matter


def test_the_fingerprint_is_of_pixels_masks_and_fields_of_view(pictures):
    first = pictures[0]
    kinds = [
        first,
        replace(first, labels=1 - first.labels),
        replace(first, image=replace(first.image, pixels=first.image.pixels + 1)),
        replace(first, image=replace(first.image, excluded=None)),
    ]
    assert len({fingerprint([one]) for one in kinds}) == len(kinds)
    assert fingerprint([first]) == fingerprint([replace(first, name="renamed")])


def maps(values):
    return Maps(foreground=np.asarray(values, np.float32))


@pytest.mark.parametrize("seed", range(5))
def test_what_lies_outside_the_field_of_view_does_not_count(seed, pictures):
    random = np.random.default_rng(seed)
    held = pictures[:3]
    values = [random.random(one.labels.shape).astype(np.float32) for one in held]
    altered = [
        np.where(one.image.included, value, random.random(value.shape))
        for value, one in zip(values, held, strict=True)
    ]
    first = judged([maps(value) for value in values], held)
    assert judged([maps(value) for value in altered], held) == first


def test_a_map_that_ranks_each_picture_right_may_rank_the_pool_wrong(pictures):
    held = pictures[:2]
    perfect = [maps(0.5 * one.labels + 0.4 * k) for k, one in enumerate(held)]
    scores = judged(perfect, held)
    assert scores["auc_roc"] == scores["auc_pr"] == [1, 1]
    shifted = [maps(0.1 * one.labels + 0.5 * k) for k, one in enumerate(held)]
    scores = judged(shifted, held)
    assert scores["auc_roc"] == [1, 1]
    assert scores["pooled"] < 0.8


def test_the_classical_method_finds_drawn_lines_in_both_halves(pictures):
    halves = by_ridge(pictures)["halves"]
    assert [len(half["auc_roc"]) for half in halves] == [5, 5]
    assert min(half["pooled"] for half in halves) > 0.9


@pytest.mark.parametrize("full", [False, True])
def test_the_encoder_of_a_shipped_model_fits_the_network_of_all_variants(full):
    source = source_of("nuclei", encoder="vgg16", full=full)
    shipped = start_weights(read_model(find_model("nuclei")))
    weights = source.weights(0, pretrained=True)
    build(source.architecture).load_state_dict(weights)
    assert {name for name in shipped if name.startswith("down.")} == set(source.encoder)
    assert all(torch.equal(weights[name], shipped[name]) for name in source.encoder)
    assert source.architecture["outputs"] == ["foreground"]
    assert "Data Science Bowl" in source.told
    n_weights = sum(one.numel() for one in build(source.architecture).parameters())
    assert n_weights == pytest.approx(7.77e6 if full else 1.93e6, rel=0.01)
    assert ("4 of 5 levels" in source.told) == full


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_imagenet_weights_are_put_into_the_encoder_they_are_of(tmp_path, ending):
    from safetensors.torch import save_file

    torch.manual_seed(3)
    published = build_encoder("resnet18").state_dict()
    path = tmp_path / f"weights.{ending}"
    if ending == "pth":
        torch.save(published, path)
    else:
        save_file(published, path)
    source = source_of(str(path), encoder="resnet18", full=False)
    weights = source.weights(0, pretrained=True)
    build(source.architecture).load_state_dict(weights)
    assert torch.equal(weights["encoder.conv1.weight"], published["conv1.weight"])
    assert f"resnet18 with the ImageNet weights of `{path.name}`" in source.told
    with pytest.raises(ModelError, match="does not fit this encoder"):
        source_of(str(path), encoder="vgg16", full=False)


def like_nuclei(path, *, channels=3, **card):
    """Write a model like `nuclei`, but for its channels and some of its card."""
    model = read_model(find_model("nuclei"))
    architecture = {**model.card.architecture, "channels": channels}
    files = {name: model.read(name) for name in model.card.files}
    files["weights.safetensors"] = weights_bytes(build(architecture).state_dict())
    card = {"architecture": architecture, "channels": channels, **card}
    write_model(path, model.card.model_copy(update=card), files)
    return str(path)


def test_an_encoder_of_grey_pictures_is_refused(tmp_path):
    path = like_nuclei(tmp_path / "grey.segmodel", channels=1)
    with pytest.raises(ModelError, match="for 1 channels, but retinas have 3"):
        source_of(path, encoder="vgg16", full=False)


def test_a_model_that_has_seen_the_pictures_is_refused(tmp_path):
    path = like_nuclei(tmp_path / "other.segmodel", data=())
    assert "learned from pictures" in source_of(path, encoder="vgg16", full=False).told
    seen = (
        read_model(find_model("nuclei")).card.data[0].model_copy(update={"name": "DRIVE"})
    )
    path = like_nuclei(tmp_path / "seen.segmodel", data=(seen,))
    with pytest.raises(ModelError, match="take a model that has not seen DRIVE"):
        source_of(path, encoder="vgg16", full=False)


def test_a_single_start_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["vessels_comparison.py", "--starts", "1"])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "one run of each says nothing" in capsys.readouterr().err


@pytest.mark.slow
def test_one_command_gives_the_page_and_a_second_one_trains_nothing(
    tmp_path, monkeypatch, pictures, write_drive
):
    write_drive(tmp_path, pictures)
    monkeypatch.setattr(vessels_comparison, "STEPS", 3)
    monkeypatch.setattr(vessels_comparison, "source_of", lambda *_, **__: tiny_source())
    out, written = tmp_path / "out", tmp_path / "page.md"
    command = ["x", "--data", str(tmp_path), "--out", str(out), "--starts", "2"]
    monkeypatch.setattr(sys, "argv", command)
    main()
    page = (out / "comparison.md").read_text(encoding="utf-8")
    assert "12 trainings of 3 steps" in page
    kept = sorted(out.glob("*.json"))
    assert len(kept) == 13  # three variants, two starts, two halves, and the baseline
    order = [len(json.loads(path.read_text())["auc_roc"]) for path in kept[:-1]]
    assert order == [5] * 12
    monkeypatch.delattr(vessels_comparison, "fit")
    monkeypatch.setattr(sys, "argv", [*command, "--write", str(written)])
    main()
    assert written.read_text(encoding="utf-8") == page
