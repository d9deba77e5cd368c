"""Intervals hold the truth as often as they say: the benchmark with few trials."""

import importlib.util
import sys
from pathlib import Path

import pytest

_PATH = Path(__file__).parents[2] / "benchmarks" / "interval_coverage.py"


@pytest.fixture(scope="module")
def coverage():
    spec = importlib.util.spec_from_file_location("coverage_benchmark", _PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.slow
@pytest.mark.parametrize("n_images", [8, 20])
def test_intervals_of_mean_and_d50_hold_the_truth_in_95_of_100_trials(coverage, n_images):
    scores = coverage.score_trials(coverage.Scene(), n_images, trials=250)
    for key in ("number.mean", "number.d50"):
        assert 0.92 <= scores[key].coverage <= 0.98, key
    assert abs(scores["number.mean"].bias) < 0.015
    assert abs(scores["number.d50"].bias) < 0.015


@pytest.mark.slow
def test_the_truncated_fit_holds_the_truth_by_volume_too(coverage):
    scores = coverage.score_trials(coverage.Scene(), 8, trials=150, truncated=True)
    for key in ("number.mean", "number.d50", "volume.d43", "volume.d50"):
        assert 0.90 <= scores[key].coverage <= 0.99, key
        assert abs(scores[key].bias) < 0.015, key


@pytest.mark.slow
def test_images_that_differ_are_allowed_for_only_by_drawing_images(coverage):
    scene = coverage.Scene(median=50.0, between_images=0.15)
    by_image = coverage.score_trials(scene, 10, trials=150)["number.d50"]
    assert 0.91 <= by_image.coverage <= 0.99
    rng, hits, true = coverage.np.random.default_rng(1), 0, scene.median
    for seed in range(60):
        x, _ = coverage.seen_discs(scene, 10, rng)
        one_by_one = coverage.resample(
            0 * x.astype(int), n_images=1, resamples=300, seed=seed
        )
        found = coverage.by_number(x, 0 * x + 1, resampling=one_by_one)["d50"]
        hits += found.low <= true <= found.high
    assert hits / 60 < 0.85


@pytest.mark.slow
def test_the_simulated_edge_takes_large_discs(coverage):
    scene = coverage.Scene()
    rng = coverage.np.random.default_rng(0)
    diameters, image = coverage.seen_discs(scene, 400, rng)
    assert image.size / 400 == pytest.approx(scene.seen_per_image, rel=0.05)
    # Dropping cut discs loses about 5 % of the mean (108.6 in truth).
    assert diameters.mean() / scene.truth.moment_ratio(1, 0) == pytest.approx(
        0.95, abs=0.02
    )


def test_the_tables_are_written_between_their_marks(coverage, tmp_path):
    begin, end = coverage.MARKS
    page = tmp_path / "page.md"
    page.write_text(f"before\n{begin}old\n{end}after\n", encoding="utf-8")
    scene = coverage.Scene(seen_per_image=5)
    text = coverage.table(scene, images=[5], trials=2, truncated=False)
    coverage.write_tables(page, text)
    written = page.read_text(encoding="utf-8")
    assert written.startswith("before")
    assert written.endswith("after\n")
    assert "| mean |" in written
    assert "old" not in written
