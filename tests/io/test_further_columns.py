import pytest

from segmetry.io import schema
from segmetry.io.further_columns import CLASSES, REGIONS, THIN

TABLES = [*THIN.items(), *REGIONS.items(), ("classes", CLASSES)]


@pytest.mark.parametrize(("table", "columns"), TABLES)
def test_each_column_is_told_once_with_the_unit_of_its_name(table, columns):
    names = [one.name for one in columns]
    assert len(set(names)) == len(names)
    for one in columns:
        assert one.description
        for ending, unit in (("_um", "um"), ("_um2", "um2"), ("_um3", "um3")):
            is_length = one.name.endswith(ending) and "_per_" not in one.name
            assert not is_length or one.unit == unit, (table, one.name)


@pytest.mark.parametrize(("table", "columns"), TABLES)
def test_a_table_is_described_by_its_own_columns(table, columns):
    told = schema([one.name for one in columns], table=table)["fields"]
    assert [field["description"] for field in told] == [one.description for one in columns]
