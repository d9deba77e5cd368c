import pytest

from segmetry.batch.memory import (
    LEAST,
    default_memory,
    jobs_within,
    memory_of_whole,
    parse_memory,
    tile_side,
)
from segmetry.errors import RecipeError


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2GB", 2 * 10**9), ("1.5 g", 15 * 10**8), ("800MiB", 800 * 2**20), ("1tb", 10**12)],
)
def test_memory_is_told_as_people_write_it(text, expected):
    assert parse_memory(text) == expected


@pytest.mark.parametrize("text", ["much", "2 litres", "-3GB", "", "2GB2"])
def test_what_is_no_amount_of_memory_is_refused(text):
    with pytest.raises(RecipeError, match="expected an amount of memory such as 2GB"):
        parse_memory(text)


def test_too_little_memory_is_refused_before_work_begins():
    with pytest.raises(RecipeError, match="100MB of memory is too little; expected 600MB"):
        parse_memory("100MB")


@pytest.mark.parametrize("memory", [LEAST, 10**9, 2 * 10**9, 8 * 10**9, 64 * 10**9])
@pytest.mark.parametrize("jobs", [1, 2, 4, 16, None])
def test_tiles_of_all_processes_fit_the_memory(memory, jobs):
    jobs = jobs_within(memory, jobs)
    side = tile_side(memory, jobs)
    assert side % 512 == 0
    processes = 1 if jobs == 1 else jobs + 1
    assert processes * 230 * 10**6 + jobs * 100 * side**2 <= max(memory, 720 * 10**6)


def test_more_memory_gives_larger_tiles_up_to_a_size():
    sides = [tile_side(memory * 10**9, 2) for memory in (1, 2, 4, 8, 64, 1024)]
    assert sides == sorted(sides)
    assert sides[-1] == sides[-2]


def test_a_picture_in_colour_takes_more_memory_than_one_in_grey():
    assert memory_of_whole((100, 100), 3) > memory_of_whole((100, 100))


def test_the_machine_says_how_much_memory_there_is():
    memory = default_memory()
    assert memory is None or memory >= LEAST
