import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

import pytest

from segmetry.report.canvas import blank_figure, drawing_style, to_png, to_svg

# What a process of its own does with a fresh home folder.
_WATCHED = """
import json, sys
seen = []
names = ("socket.connect", "subprocess.Popen", "os.system", "os.posix_spawn")
sys.addaudithook(lambda name, _: seen.append(name) if name in names else None)
from segmetry.report.canvas import blank_figure, drawing_style, to_svg
with drawing_style():
    figure, axes = blank_figure()
    axes.set_title("size")
svg = to_svg(figure, name="a")
modules = [name for name in ("matplotlib.pyplot", "tkinter") if name in sys.modules]
print(json.dumps({"seen": seen, "modules": modules, "drawn": "size" in svg}))
"""


def drawn(title="size"):
    with drawing_style():
        figure, axes = blank_figure()
        axes.bar([1], [2])[0].set_gid("bar-0")
        axes.set_title(title)
    return figure


@pytest.mark.slow
def test_a_first_drawing_starts_no_program_and_leaves_the_home_folder_empty(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "USERPROFILE": str(home)}
    environment |= {"XDG_CACHE_HOME": str(home / "c"), "XDG_CONFIG_HOME": str(home / "d")}
    environment.pop("MPLCONFIGDIR", None)
    result = subprocess.run(
        [sys.executable, "-c", _WATCHED],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(result.stdout.splitlines()[-1])
    assert told == {"seen": [], "modules": [], "drawn": True}
    assert list(home.rglob("*")) == []
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_drawing_leaves_the_users_settings_as_they_were():
    with drawing_style():
        pass
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    to_svg(drawn(), name="a")
    assert dict(mpl.rcParams) == before


def test_the_users_settings_do_not_change_the_drawing():
    with drawing_style():
        pass
    import matplotlib as mpl

    usual = to_svg(drawn(), name="a")
    with mpl.rc_context({"axes.facecolor": "red", "font.size": 30}):
        assert to_svg(drawn(), name="a") == usual


def test_an_svg_is_well_formed_has_no_size_and_keeps_its_text():
    svg = to_svg(drawn("sizes & <things>"), name="a")
    root = ET.fromstring(svg)
    assert "width" not in root.attrib
    assert "viewBox" in root.attrib
    assert "sizes & <things>" in "".join(root.itertext())


def test_the_same_drawing_has_the_same_bytes():
    assert to_svg(drawn(), name="a") == to_svg(drawn(), name="a")
    assert to_png(drawn()) == to_png(drawn())


def test_an_svg_tells_no_time_and_asks_for_nothing():
    svg = to_svg(drawn(), name="a")
    assert "<metadata" not in svg
    assert "<image" not in svg
    assert "dc:date" not in svg


def test_two_figures_share_no_id():
    first, second = (ET.fromstring(to_svg(drawn(), name=name)) for name in ("a", "b"))
    ids = [{e.get("id") for e in root.iter() if e.get("id")} for root in (first, second)]
    assert ids[0].isdisjoint(ids[1])


def test_every_reference_inside_an_svg_has_its_target():
    root = ET.fromstring(to_svg(drawn(), name="a"))
    ids = {element.get("id") for element in root.iter()}
    links = {
        value.removeprefix("#")
        for element in root.iter()
        for name, value in element.attrib.items()
        if name.endswith("href")
    }
    clips = {e.get("clip-path", "")[5:-1] for e in root.iter() if e.get("clip-path")}
    assert links
    assert links | clips <= ids


def test_tooltips_are_titles_of_what_was_drawn():
    svg = to_svg(drawn(), name="a", tooltips={"bar-0": "1 to 2 <nm>: 3", "bar-9": "none"})
    root = ET.fromstring(svg)
    bar = next(element for element in root.iter() if element.get("id") == "a-bar-0")
    assert bar[0].tag.endswith("title")
    assert bar[0].text == "1 to 2 <nm>: 3"
    assert "none</title>" not in svg


def test_a_png_has_the_size_asked_for():
    png = to_png(drawn(), dpi=100)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20]) == 580


def test_drawings_of_several_threads_are_those_of_one():
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda name: to_svg(drawn(name), name="a"), "abab" * 2))
    expected = [to_svg(drawn(name), name="a") for name in "ab"]
    assert found == expected * 4
