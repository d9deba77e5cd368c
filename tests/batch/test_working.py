"""Batches on processes and on a cluster: whoever dies, the results are the same."""

import importlib
import sys
from pathlib import Path

import pandas as pd
import psutil
import pytest
from PIL import Image as PillowImage

from segmetry.batch import BatchOptions, find_pictures, run_batch
from segmetry.batch.working import by_workers
from segmetry.errors import RecipeError
from segmetry.recipe import Recipe
from segmetry.workers import open_workers

REPOSITORY = Path(__file__).parents[2]
SIMPLE = Recipe(
    segmentation={"name": "threshold"},
    calibration={"pixel_size": "50 nm", "scale_bar": False},
)


def draw(folder, n, discs, *, shape=(60, 80)):
    folder.mkdir(exist_ok=True)
    for number in range(n):
        pixels = discs([5 + number % 3] * 6, shape=shape, seed=number)
        PillowImage.fromarray(pixels).save(folder / f"p{number:03}.png")
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory, discs):
    return draw(tmp_path_factory.mktemp("drawn") / "pictures", 40, discs)


@pytest.fixture(scope="module")
def undisturbed(pictures):
    out = pictures.parent / "undisturbed"
    run_batch(SIMPLE, [pictures], out)
    return out


def files_of(out):
    """Names and contents of all files of a run but its log, which tells times."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "run.log"
    }


def workers_of_now():
    """Processes that work for this one; other tests may have left some."""
    return {
        one
        for one in psutil.Process().children(recursive=True)
        if one.status() != psutil.STATUS_ZOMBIE and "spawn_main" in " ".join(one.cmdline())
    }


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"jobs": 2}, {"cluster": "local:2"}], ids=str)
def test_a_worker_that_is_killed_changes_nothing(pictures, undisturbed, how):
    if "cluster" in how:
        pytest.importorskip("distributed", reason="needs the extra `cluster`")

    of_others = workers_of_now()

    def progress(_result, done, _total):
        if done == 12:  # as the system does when memory runs out
            (workers_of_now() - of_others).pop().kill()

    out = undisturbed.with_name("-".join(how))
    run_batch(SIMPLE, [pictures], out, options=BatchOptions(**how), progress=progress)
    assert not [path for path in out.iterdir() if path.name.startswith(".")]
    found, expected = files_of(out), files_of(undisturbed)
    assert found.keys() == expected.keys()
    assert [name for name in found if found[name] != expected[name]] == []
    assert "p039/labels.tif" in found


@pytest.fixture
def bad_pictures(monkeypatch):
    """Module of the benchmark that writes bad pictures of 25 kinds."""
    monkeypatch.syspath_prepend(REPOSITORY / "benchmarks")
    return importlib.import_module("bad_pictures")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_bad_pictures_are_named_and_the_others_done(tmp_path, discs, bad_pictures):
    folder = draw(tmp_path / "pictures", 12, discs)
    bad = bad_pictures.write_bad_pictures(folder)
    out = tmp_path / "out"
    result = run_batch(SIMPLE, [folder], out)
    images = pd.read_csv(out / "images.csv").set_index("path")
    assert len(bad) == result.n_failed == 25
    assert set(images.index[images["status"] == "failed"]) == set(bad)
    for name in bad:
        assert name.split(".")[0] in images["reason"][name]
        assert not images["reason"][name].startswith("Unexpected")
    assert images.loc[images["status"] == "done", "n_objects"].tolist() == [6] * 12

    (folder / "empty.png").write_bytes((folder / "p000.png").read_bytes())
    times = {path: path.stat().st_mtime_ns for path in out.glob("p*/labels.tif")}
    begun = []
    options = BatchOptions(resume=True)
    again = run_batch(
        SIMPLE, [folder], out, options=options, begun=lambda what, _: begun.append(what)
    )
    assert set(begun) == {*bad, "statistics and report"}
    assert again.n_failed == 24
    assert {path: path.stat().st_mtime_ns for path in out.glob("p*/labels.tif")} == times
    assert len(times) == 12


def test_a_picture_that_ends_each_worker_fails_alone(pictures, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent)
    from deadly_work import die_on_p001

    chosen = find_pictures(sorted(pictures.iterdir())[:4])
    with open_workers(jobs=2) as workers:
        results = {
            picture.key: result
            for picture, result in by_workers(die_on_p001, chosen, workers)
        }
    assert [key for key in results if results[key].failed] == ["p001"]
    assert "memory" in results["p001"].row["reason"]


def test_a_cluster_that_is_not_there_leaves_a_folder_that_can_be_used(pictures, tmp_path):
    pytest.importorskip("distributed", reason="needs the extra `cluster`")
    out = tmp_path / "out"
    with pytest.raises(RecipeError, match="Expected a Dask cluster"):
        run_batch(SIMPLE, [pictures], out, options=BatchOptions(cluster="nowhere"))
    assert {path.name for path in out.iterdir()} == {"run.log"}
