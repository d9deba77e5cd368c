import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.io.exchange.numbering import numbers_of

NAMES = st.one_of(
    st.none(),
    st.integers(-3, 2**33),
    st.integers(0, 30).map(str),
    st.text(max_size=4),
)


@given(st.lists(NAMES, max_size=30))
def test_no_number_is_given_twice_and_none_is_zero(names):
    numbers, unnamed = numbers_of(names)
    assert len(numbers) == len(names) == len(set(numbers))
    assert all(number > 0 for number in numbers)
    for number, name in zip(numbers, names, strict=True):
        assert number in unnamed or str(number) == str(name).lstrip("0")


@given(st.lists(st.integers(1, 2**32 - 1), unique=True, max_size=30))
def test_numbers_are_kept_however_they_are_written(numbers):
    assert numbers_of(numbers) == (numbers, frozenset())
    assert numbers_of(f"{number:010}" for number in numbers) == (numbers, frozenset())


def test_where_no_number_is_above_the_largest_the_smallest_free_ones_are_taken():
    top = 2**32 - 1
    assert numbers_of([top, "new", 1, "new too"])[0] == [top, 2, 1, 3]
    assert numbers_of([top - 1, "new", "new too"])[0] == [top - 1, top, 1]


@pytest.mark.parametrize("name", ["", "cell", "1.5", "-4", "0", str(2**32), None, "²"])
def test_what_is_no_number_gets_the_next_one(name):
    assert numbers_of(["12", name]) == ([12, 13], {13})
