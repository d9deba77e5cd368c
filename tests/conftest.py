"""What all tests share: real pictures, drawn round particles, and no models of the user."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

REPOSITORY = Path(__file__).parents[1]
_DATA = Path(os.environ.get("SEGMETRY_DATA", REPOSITORY.parent / "shared" / "data"))

# A computer that does other things too is no fault of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_collection_finish():
    """Thousands of tests stay until the end: no collection of garbage looks at them."""
    gc.freeze()


@pytest.fixture(scope="session")
def data() -> Callable[[str], Path]:
    """Path of something in the folder of real pictures; skips where it is absent."""

    def find(name: str) -> Path:
        path = _DATA / name
        if not path.exists():
            pytest.skip(f"real pictures are absent: set SEGMETRY_DATA to see {name}")
        return path

    return find


@pytest.fixture(autouse=True)
def _no_models_of_the_user(tmp_path_factory, monkeypatch):
    """Tests see the models that come with Segmetry, and those that they add themselves."""
    monkeypatch.setenv("SEGMETRY_MODELS", str(tmp_path_factory.getbasetemp() / "models"))


@pytest.fixture(scope="session")
def printed():
    """What a program prints that another Python runs, with these arguments."""

    def run(program: str, *arguments: object) -> str:
        command = [sys.executable, "-c", program, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout

    return run


@pytest.fixture(scope="session")
def loaded_by(printed):
    """Names of the modules that a statement loads in a fresh Python."""

    def load(statement: str) -> set[str]:
        return set(printed(f"import sys\n{statement}\nprint(*sys.modules)").split())

    return load


def draw_discs(
    radii, *, shape=(200, 300), bright=200, dark=40, noise=4, seed=0
) -> NDArray[np.uint8]:
    """Discs on a grid, apart from each other and from the edge, under a little noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    picture = np.full(shape, float(dark))
    pitch = 2 * max(radii) + 8
    columns = (shape[1] - 8) // pitch
    for number, radius in enumerate(radii):
        row, column = divmod(number, columns)
        centre = (8 + pitch * (row + 0.5), 8 + pitch * (column + 0.5))
        assert centre[0] + pitch / 2 <= shape[0], "the picture is too small for the discs"
        picture[(y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2] = bright
    return np.clip(picture + rng.normal(0, noise, shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def discs():
    """Draw discs of given radii, in pixels: see `draw_discs`."""
    return draw_discs


def draw_annotated(*, seed=0, dark=False, n_discs=6, shape=(64, 64)):
    """Return bright (or dark) discs 5 to 8 px in radius, apart, and their numbers."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    picture, labels = np.full(shape, 60.0), np.zeros(shape, np.uint32)
    while labels.max() < n_discs:
        radius = rng.uniform(5, 8)
        row, column = (rng.uniform(radius + 1, side - radius - 1) for side in shape)
        apart = np.hypot(y - row, x - column)
        if not labels[apart <= radius + 2].any():
            labels[apart <= radius] = labels.max() + 1
            picture[apart <= radius] = 180
    picture += rng.normal(0, 8, shape)
    values = 240 - picture if dark else picture
    return values.clip(0, 255).astype(np.uint8), labels


@pytest.fixture(scope="session")
def annotated():
    """Draw a picture of discs with their numbers: see `draw_annotated`."""
    return draw_annotated


def draw_noisy_discs(seed, *, side=96, noise=8.0):
    """Return a picture of bright discs that do not touch, and their labels."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side]
    pixels = rng.normal(60, noise, (side, side))
    labels = np.zeros((side, side), np.uint16)
    for row in range(16, side - 8, 32):
        for column in range(16, side - 8, 32):
            if rng.random() < 0.25:  # pictures shall not look like copies of each other
                continue
            radius = rng.uniform(5, 11)
            top, left = np.array([row, column]) + rng.integers(-4, 5, 2)
            disc = (y - top) ** 2 + (x - left) ** 2 <= radius**2
            pixels[disc] += rng.uniform(60, 120)
            labels[disc] = labels.max() + 1
    return pixels.clip(0, 255).astype(np.uint8), labels


@pytest.fixture(scope="session")
def draw_set():
    """Write a set that methods are judged on: see `draw_noisy_discs`."""
    from segmetry.io import write_labels, write_png

    def draw(folder, n=6, **how):
        for name in ("images", "masks"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for seed in range(n):
            pixels, labels = draw_noisy_discs(seed, **how)
            write_png(folder / "images" / f"p{seed}.png", pixels)
            write_labels(folder / "masks" / f"p{seed}.tif", labels)
        return folder

    return draw


@pytest.fixture
def disc_set(tmp_path):
    """Write a set of drawn pictures; `masks` may change each (number, labels)."""
    from segmetry.io import write_labels, write_png

    def write(n, *, name="set", masks=lambda _, labels: labels, first=0, **drawn):
        images, marked = tmp_path / name / "images", tmp_path / name / "masks"
        for folder in (images, marked):
            folder.mkdir(parents=True)
        for number in range(n):
            picture, labels = draw_annotated(seed=first + number, **drawn)
            write_png(images / f"p{number}.png", np.stack([picture] * 3, axis=-1))
            write_labels(marked / f"p{number}.tif", masks(number, labels))
        return images, marked

    return write


@pytest.fixture(scope="session")
def disc_model(tmp_path_factory):
    """A model file that knows bright discs, trained here in seconds."""
    pytest.importorskip("torch")
    from segmetry.image import Image
    from segmetry.learn.augment import Appearance
    from segmetry.learn.examples import Example
    from segmetry.learn.export import onnx_bytes, weights_bytes
    from segmetry.learn.fitting import fit
    from segmetry.learn.judging import network_of
    from segmetry.learn.networks import FLOW_OUTPUTS
    from segmetry.learn.plan import Plan, Schedule
    from segmetry.models import Card, write_model

    maps = {"channels": 1, "outputs": list(FLOW_OUTPUTS)}
    plan = Plan(
        architecture={"kind": "unet", **maps, "base": 8, "levels": 3},
        diameter=None,
        side=64,
        batch=6,
        schedule=Schedule(steps=100, warm_up=5, learning_rate=2e-2, validate_every=100),
        appearance=Appearance.none(),
        precision="float32",
    )
    examples = []
    for seed in range(900, 907):
        picture, labels = draw_annotated(seed=seed)
        examples.append(Example(Image(picture), labels, name=f"d{seed}"))
    state = fit(examples[:6], examples[6:], plan)
    assert state.best["score"] > 0.9
    network = network_of(plan.architecture, state.best_weights)
    card = Card(
        name="discs",
        created="2026-01-31",
        architecture=dict(plan.architecture),
        outputs=FLOW_OUTPUTS,
        channels=1,
        multiple=4,
        scale="native",
    )
    path = tmp_path_factory.mktemp("models") / "discs.segmodel"
    files = {
        "weights.safetensors": weights_bytes(state.best_weights),
        "model.onnx": onnx_bytes(network, channels=1, multiple=4),
    }
    write_model(path, card, files)
    return path


def _dicom_of_a_scan():
    """Return a data set as a scanner fills it, with a patient's name and no pixels."""
    from pydicom.dataset import Dataset
    from pydicom.uid import CTImageStorage, generate_uid

    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, generate_uid()
    data.PatientName, data.PatientID = "Secret^Ms", "Secret-4711"
    data.PatientBirthDate, data.PatientSex = "19700101", "F"
    data.StudyDate, data.StudyTime, data.StudyID = "20200102", "101500", "Secret-study"
    data.AccessionNumber, data.ReferringPhysicianName = "Secret-1", "Secret^Doctor"
    data.Modality, data.Manufacturer = "CT", "Drawn"
    data.FrameOfReferenceUID = generate_uid()
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 16
    data.HighBit, data.PixelRepresentation = 15, 1
    return data


def _save_dicom(data, path):
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    data.file_meta = FileMetaDataset()
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def dicom_series(tmp_path) -> Callable[..., Path]:
    """Save stored values (Z, Y, X) as a DICOM series, one file per slice.

    Values are Hounsfield units less 1024. `shift` moves each slice to the back, in mm, as
    a tilted gantry does; `series_of` continues a series that is there.
    """

    def save(
        stored,
        *,
        folder="scan",
        spacing=(2.5, 1.0, 1.0),
        shift=0.0,
        names=None,
        slopes=None,
        series_of=None,
        **fields,
    ):
        from pydicom import dcmread
        from pydicom.uid import generate_uid

        place = tmp_path / folder
        place.mkdir()
        series, study = generate_uid(), generate_uid()
        frame = generate_uid()
        if series_of is not None:
            before = dcmread(next(iter(series_of.iterdir())))
            series, study = before.SeriesInstanceUID, before.StudyInstanceUID
        for k, plane in enumerate(stored):
            data = _dicom_of_a_scan()
            data.SeriesInstanceUID, data.StudyInstanceUID = series, study
            data.FrameOfReferenceUID = frame
            data.SeriesNumber, data.InstanceNumber = 3, k + 1
            data.Rows, data.Columns = plane.shape
            if spacing[1] is not None:
                data.PixelSpacing = [f"{side:.6g}" for side in spacing[1:]]
            data.SliceThickness = "1"
            position = [-100.0, -90 + k * shift, -50 + k * spacing[0]]
            data.ImagePositionPatient = [f"{value:.6f}" for value in position]
            data.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
            data.RescaleSlope = 1 if slopes is None else slopes[k]
            data.RescaleIntercept, data.RescaleType = -1024, "HU"
            for key, value in fields.items():
                setattr(data, key, value)
            data.PixelData = np.ascontiguousarray(plane, dtype="<i2").tobytes()
            name = f"slice_{k:03d}.dcm" if names is None else names[k]
            _save_dicom(data, place / name)
        return place

    return save


@pytest.fixture
def enhanced_ct(tmp_path) -> Callable[..., Path]:
    """Save stored values (Z, Y, X) as one file of frames that tell their heights."""

    def save(stored, *, heights):
        from pydicom.dataset import Dataset
        from pydicom.uid import EnhancedCTImageStorage, generate_uid

        def group(**sequences):
            found = Dataset()
            for name, told in sequences.items():
                part = Dataset()
                for key, value in told.items():
                    setattr(part, key, value)
                setattr(found, f"{name}Sequence", [part])
            return found

        data = _dicom_of_a_scan()
        data.SOPClassUID = EnhancedCTImageStorage
        data.SeriesInstanceUID, data.StudyInstanceUID = generate_uid(), generate_uid()
        data.NumberOfFrames, data.Rows, data.Columns = stored.shape
        data.SharedFunctionalGroupsSequence = [
            group(
                PixelMeasures={"PixelSpacing": [1.0, 1.0], "SliceThickness": 1},
                PlaneOrientation={"ImageOrientationPatient": [1, 0, 0, 0, 1, 0]},
                PixelValueTransformation={"RescaleSlope": 1, "RescaleIntercept": -1000},
            )
        ]
        data.PerFrameFunctionalGroupsSequence = [
            group(PlanePosition={"ImagePositionPatient": [0.0, 0.0, height]})
            for height in heights
        ]
        data.PixelData = np.ascontiguousarray(stored, dtype="<i2").tobytes()
        return _save_dicom(data, tmp_path / "enhanced.dcm")

    return save


@pytest.fixture(scope="session")
def chest() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Draw a chest in Hounsfield units, and its lungs: 1 at the smaller columns, 2 beside.

    The body is an egg-shaped column of 380 x 260 mm, with a windpipe that parts into two
    bronchi, vessels in both lungs, gas in the bowel, and a table below it.
    """

    def draw(spacing=(5.0, 3.0, 3.0), noise=25.0, seed=0):
        height, depth, width = 200.0, 330.0, 440.0
        sides = [
            round(side / step)
            for side, step in zip((height, depth, width), spacing, strict=True)
        ]
        z, y, x = (
            ((np.arange(n) + 0.5) * step).reshape(
                [-1 if k == axis else 1 for k in range(3)]
            )
            for axis, (n, step) in enumerate(zip(sides, spacing, strict=True))
        )
        values = np.full(sides, -1000.0, np.float32)
        body = ((y - 160) / 130) ** 2 + ((x - 220) / 190) ** 2 + 0 * z < 1
        values[body] = 40
        values[np.broadcast_to((y > 305) & (y < 315), sides)] = 100
        lungs = np.zeros(sides, np.uint8)
        for number, middle in ((1, 135.0), (2, 305.0)):
            lung = ((y - 155) / 85) ** 2 + ((x - middle) / 58) ** 2 + ((z - 95) / 75) ** 2
            lungs[lung < 1] = number
        values[lungs > 0] = -860
        for middle in (110, 150, 290, 330):
            vessel = ((y - 150) / 5) ** 2 + ((x - middle) / 5) ** 2 + 0 * z < 1
            values[vessel & (lungs > 0)] = 40
        pipe = ((y - 150) / 10) ** 2 + ((x - 220) / 10) ** 2 + 0 * z < 1
        pipe &= np.broadcast_to(z > 110, sides)
        branch = ((y - 150) / 9) ** 2 + ((z - 112) / 9) ** 2 + 0 * x < 1
        branch &= np.broadcast_to(np.abs(x - 220) < 32, sides)
        values[pipe | branch] = -1000
        bowel = ((y - 150) / 30) ** 2 + ((x - 220) / 40) ** 2 + ((z - 12) / 9) ** 2 < 1
        values[bowel] = -1000
        values += np.random.default_rng(seed).normal(0, noise, sides).astype(np.float32)
        return np.rint(values).astype(np.int16), lungs

    return draw
