import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import ReadError
from segmetry.io.exchange import MaskOrigin, read_origins, write_origins

NAMES = st.text("abcä_-3", min_size=1, max_size=6)
ORIGINS = st.builds(
    MaskOrigin,
    st.sampled_from(["draft", "corrected", "from nothing", "imported"]),
    segmenter=st.sampled_from(["", "threshold", "nuclei"]),
    threshold=st.none() | st.floats(0, 65_535),
    checked=st.sampled_from([True, False, None]),
    objects=st.dictionaries(
        st.integers(1, 2**32 - 1), st.sampled_from(["found", "edited", "drawn"]), max_size=4
    ),
)


@given(st.dictionaries(NAMES, ORIGINS, max_size=5))
def test_origins_come_back(tmp_path_factory, origins):
    folder = tmp_path_factory.mktemp("masks")
    write_origins(folder, [(name, 3, one) for name, one in origins.items()])
    assert read_origins(folder) == origins


def test_the_table_counts_objects_by_where_they_come_from(tmp_path):
    one = MaskOrigin(
        "corrected",
        "threshold",
        57.5,
        checked=True,
        objects={1: "found", 2: "found", 9: "drawn"},
    )
    write_origins(tmp_path, [("a", 3, one), ("b", 0, MaskOrigin("imported"))])
    assert (tmp_path / "masks.csv").read_text(encoding="utf-8").splitlines() == [
        "image,mask_origin,segmenter,threshold,checked,n_objects,n_found,n_edited,n_drawn",
        "a,corrected,threshold,57.5,yes,3,2,0,1",
        "b,imported,,,,0,,,",
    ]


def test_a_folder_that_does_not_tell_has_no_origins(tmp_path):
    assert read_origins(tmp_path) == {}
    assert read_origins(tmp_path / "none") == {}


def test_objects_are_told_only_where_somebody_knows(tmp_path):
    write_origins(tmp_path, [("a", 3, MaskOrigin("draft"))])
    assert not (tmp_path / "mask_objects.csv").exists()


def test_pictures_may_be_called_with_their_ending(tmp_path):
    (tmp_path / "masks.csv").write_text("image,mask_origin\na.png,draft\n")
    assert list(read_origins(tmp_path)) == ["a"]


def test_pictures_whose_names_differ_after_a_point_stay_apart(tmp_path):
    told = {
        f"mouse.{side}": MaskOrigin("corrected", objects={number: "drawn"})
        for number, side in enumerate(("left", "right"), 1)
    }
    write_origins(tmp_path, [(name, 1, one) for name, one in told.items()])
    assert read_origins(tmp_path) == told


@pytest.mark.parametrize(
    ("table", "content", "told"),
    [
        ("masks", "image,mask_origin\na,guessed\n", "kind must be one of draft"),
        ("masks", "image,mask_origin,threshold\na,draft,high\n", "the row of a"),
        ("masks", "image,origin\n,draft\n", "a picture without a name"),
        ("mask_objects", "image,label,origin\na,1,guessed\n", "got '1' and 'guessed'"),
        ("mask_objects", "image,label,origin\na,x,found\n", "got 'x' and 'found'"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, table, content, told):
    (tmp_path / "masks.csv").write_text("image,mask_origin\na,draft\n")
    (tmp_path / f"{table}.csv").write_text(content)
    with pytest.raises(ReadError, match=told):
        read_origins(tmp_path)


def test_a_kind_that_means_nothing_is_refused():
    with pytest.raises(ValueError, match="got 'guessed'"):
        MaskOrigin("guessed")
    with pytest.raises(ValueError, match="objects are found, edited, drawn, got 'guessed'"):
        MaskOrigin("draft", objects={1: "guessed"})
