import builtins

import numpy as np
import pytest

from segmetry.errors import MissingExtraError, ReadError, WriteError
from segmetry.image import Image, Labels
from segmetry.io import read
from segmetry.io.dicom_seg import write_dicom_seg

DATA = np.zeros((5, 8, 9), np.uint32)
DATA[1:3, 2:5, 1:4] = 3
DATA[2:5, 1:6, 6:8] = 9


@pytest.fixture
def series(dicom_series):
    pytest.importorskip("highdicom")
    rng = np.random.default_rng(0)
    stored = rng.integers(0, 2000, DATA.shape, dtype=np.int16)
    # Names in another order than places: segments must follow the places.
    return dicom_series(stored, spacing=(2.5, 0.7, 0.8), names=["d", "a", "e", "c", "b"])


def written(path, series, **options):
    write_dicom_seg(path, Labels(DATA, read(series)), series, **options)
    return path


def test_another_reader_finds_every_voxel_in_its_place(series, tmp_path):
    import highdicom

    names = {3: "right lung", 9: "left lung"}
    path = written(tmp_path / "seg.dcm", series, names=names, method="lungs", version="1")
    seg = highdicom.seg.segread(path)
    told = [seg.get_segment_description(k).segment_label for k in (1, 2)]
    assert told == ["right lung", "left lung"]
    uids = [str(uid) for _, _, uid in seg.get_source_image_uids()]
    from pydicom import dcmread

    files = [dcmread(one, stop_before_pixels=True) for one in series.iterdir()]
    files.sort(key=lambda one: float(one.ImagePositionPatient[2]))
    ordered = [str(one.SOPInstanceUID) for one in files]
    assert set(uids) <= set(ordered)
    pixels = seg.get_pixels_by_source_instance(
        ordered,
        combine_segments=True,
        ignore_spatial_locations=True,
        assert_missing_frames_are_empty=True,
    )
    expected = np.where(DATA == 3, 1, np.where(DATA == 9, 2, 0))
    assert np.array_equal(pixels, expected)


def test_pydicom_reads_the_reference_to_the_series(series, tmp_path):
    from pydicom import dcmread

    found = dcmread(written(tmp_path / "seg.dcm", series))
    one = dcmread(next(series.iterdir()))
    assert found.Modality == "SEG"
    assert found.StudyInstanceUID == one.StudyInstanceUID
    assert found.FrameOfReferenceUID == one.FrameOfReferenceUID
    referred = found.ReferencedSeriesSequence[0]
    assert referred.SeriesInstanceUID == one.SeriesInstanceUID
    assert found.PatientName == one.PatientName
    assert [part.SegmentLabel for part in found.SegmentSequence] == ["object 3", "object 9"]


def test_an_anonymous_file_names_nobody_and_still_refers_to_its_series(series, tmp_path):
    from pydicom import dcmread

    path = written(tmp_path / "seg.dcm", series, anonymous=True)
    assert b"Secret" not in path.read_bytes()
    found = dcmread(path)
    assert found.PatientName == ""
    assert not found.PatientBirthDate
    assert not found.StudyDate
    one = dcmread(next(series.iterdir()))
    referred = found.ReferencedSeriesSequence[0]
    assert referred.SeriesInstanceUID == one.SeriesInstanceUID


def test_what_cannot_be_written_is_said(series, tmp_path):
    volume = read(series)
    path = tmp_path / "seg.dcm"
    with pytest.raises(WriteError, match="name the series that was segmented"):
        write_dicom_seg(path, Labels(DATA[:4], Image(DATA[:4], axes="ZYX")), series)
    with pytest.raises(WriteError, match="and there are 0"):
        write_dicom_seg(path, Labels(DATA * 0, volume), series)
    many = np.arange(DATA.size, dtype=np.uint32).reshape(DATA.shape)
    with pytest.raises(WriteError, match="1 to 255 objects"):
        write_dicom_seg(path, Labels(many, volume), series)
    with pytest.raises(ReadError, match="is a folder"):
        write_dicom_seg(path, Labels(DATA, volume), tmp_path)
    assert not path.exists()


def test_without_the_extra_it_is_said_how_to_get_it(series, tmp_path, monkeypatch):
    whole = builtins.__import__

    def without(name, *rest, **more):
        if name == "highdicom":
            raise ImportError(name)
        return whole(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match="dicom"):
        written(tmp_path / "seg.dcm", series)
