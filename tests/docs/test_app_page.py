"""The guide to the app names what the app has: its tools, keys, buttons and files."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "app.md").read_text(encoding="utf-8")
SOURCE = ROOT / "frontend" / "src"
WORDS = dict(
    re.findall(
        r'"?([\w.]+)"?:\s+"((?:[^"\\]|\\.)*)"',
        (SOURCE / "text" / "en.ts").read_text(encoding="utf-8"),
    )
)
KEYS = re.findall(
    r'(\w+): \["([^"]+)", "([\w.]+)"\]',
    (SOURCE / "state" / "keys.ts").read_text(encoding="utf-8"),
)


def test_every_tool_stands_in_the_table_with_its_key():
    tools = [(WORDS[word], key) for _, key, word in KEYS if word.startswith("tool.")]
    assert len(tools) == 7
    assert re.findall(r"^\| (\w+) \| ([A-Z]) \|", PAGE, re.MULTILINE) == tools


def test_every_other_key_is_told():
    told = re.sub(r"[*`]", "", PAGE)
    for name, key, word in KEYS:
        if word.startswith("tool.") or name in {"zoomIn", "zoomOut"}:
            continue  # in the table; on their buttons
        assert re.search(rf"(?<!\w){re.escape(key.replace('+', ' + '))}(?!\w)", told), name


def test_the_files_to_download_are_those_of_the_app():
    table = PAGE.partition("## Give out")[2].partition("## ")[0]
    for name, words in WORDS.items():
        if name.startswith("files.") and name not in {"files.title", "files.archive.help"}:
            what, _, kind = words.partition(" (")
            assert what in table, words
            assert kind.rstrip(")") in table, words


def test_buttons_and_panels_have_the_names_of_the_app():
    for name in (
        "start.demo",
        "run.start",
        "run.all",
        "results.all",
        "filter.title",
        "compare.title",
        "versions.title",
        "how.title",
        "learn.go",
        "sheet.title",
        "area.title",
        "look.title",
        "cal.title",
        "saved.all",
    ):
        assert WORDS[name].lower() in PAGE.lower(), name
