from dataclasses import FrozenInstanceError

import pandas as pd
import pytest

from segmetry.report.content import ReportContent


def content_of(statuses):
    images = pd.DataFrame({"image": [f"p{i}" for i in range(len(statuses))]})
    images["status"] = statuses
    return ReportContent(
        title="t",
        objects=pd.DataFrame(),
        images=images,
        summary={},
        recipe_toml="",
        command="",
        version="0",
    )


def test_pictures_are_done_or_failed():
    content = content_of(["done", "failed", "done"])
    assert content.done["image"].tolist() == ["p0", "p2"]
    assert content.failed["image"].tolist() == ["p1"]


def test_no_pictures_are_neither():
    content = content_of([])
    assert content.done.empty
    assert content.failed.empty


def test_pictures_to_show_are_optional_and_content_is_fixed():
    content = content_of(["done"])
    assert dict(content.overlays) == dict(content.bar_crops) == {}
    with pytest.raises(FrozenInstanceError):
        content.title = "another"
