from importlib.metadata import version

from segmetry import doctor, io


def found(topic):
    return {item.name: item for item in doctor.examine() if item.topic == topic}


def test_parts_are_told_with_their_version():
    assert found("part")["numpy"].state == version("numpy")


def test_every_format_is_told():
    assert set(found("format")) == {entry.name for entry in io.supported_formats()}


def test_what_is_missing_comes_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setattr(doctor, "_importable", lambda _module: False)
    vendor = found("extra")["vendor"]
    assert vendor.missing
    assert "pip install 'segmetry[vendor]'" in vendor.note


def test_a_part_that_is_not_installed_is_missing(monkeypatch):
    monkeypatch.setattr(doctor, "_PARTS", {"no-such-package": "nothing"})
    part = found("part")["no-such-package"]
    assert part.missing
    assert "pip install no-such-package" in part.note
