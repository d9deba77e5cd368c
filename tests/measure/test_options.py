import pytest

from segmetry.measure.options import StatisticsOptions


def test_the_defaults_are_those_of_the_documentation():
    options = StatisticsOptions()
    assert options.edge_rule == "miles-lantuejoul"
    assert (options.limit_um, options.target, options.level) == (0.1, 0.05, 0.95)
    assert options.resamples >= 1000


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("edge_rule", "guard", "edge rule must be one of keep, drop, two-sides"),
        ("limit_um", 0, "limit_um must be positive"),
        ("target", -0.1, "target must be positive"),
        ("bin_width", float("nan"), "bin_width must be positive"),
        ("level", 95, "level must lie between 0 and 1"),
        ("resamples", 1, "resamples must be at least 2"),
    ],
)
def test_options_that_mean_nothing_are_refused(name, value, message):
    with pytest.raises(ValueError, match=message):
        StatisticsOptions(**{name: value})
