"""The pictures that objects from files are to belong to: those of a folder, or of a run."""

from dataclasses import replace
from pathlib import Path

from segmetry.dataset.pairs import AnnotatedPicture, list_pictures
from segmetry.dataset.predictions import match_names
from segmetry.errors import DatasetError
from segmetry.image import Image
from segmetry.io import read, read_labels
from segmetry.io.exchange import Annotation
from segmetry.io.names import plain_stem

__all__ = ["FolderPictures", "RunPictures"]

_LABELS = "labels.tif"


class FolderPictures:
    """The pictures of a folder, read one at a time; without one, nothing is checked.

    Parameters
    ----------
    folder : Path or None
    """

    def __init__(self, folder: Path | None) -> None:
        paths = [] if folder is None else list_pictures(folder)
        self._folder = folder
        self._paths = {plain_stem(path): path for path in paths}
        self._last: tuple[str, Image] | None = None

    def name(self, name: str) -> str:
        """Return the name of the picture that a file is about."""
        if self._folder is None:
            return name
        found = match_names([name], self._paths)
        if not found:
            msg = f"{self._folder} has no picture called {name}; name the right --images"
            raise DatasetError(msg)
        return found[name]

    def shape(self, name: str) -> tuple[int, int]:
        """Return height and width of a picture."""
        if self._folder is None:
            msg = (
                f"The file about {name} does not tell the size of the picture; name the "
                f"folder of the pictures: --images FOLDER"
            )
            raise DatasetError(msg)
        return _flat(name, self._image(name).spatial_shape)

    def checked(self, one: Annotation) -> Annotation:
        """Return objects under the name of their picture, which must have their size."""
        if self._folder is None:
            return one
        name = self.name(one.name)
        image = self._image(name)
        AnnotatedPicture(image, one.labels, name, name)
        return replace(
            one,
            name=name,
            file_name=self._paths[name].name,
            pixel_size=image.pixel_size,
        )

    def _image(self, name: str) -> Image:
        if self._last is None or self._last[0] != name:
            self._last = name, read(self._paths[name])
        return self._last[1]


class RunPictures:
    """The pictures of a run, which has labels of each.

    Parameters
    ----------
    folder : Path
        Of the run.
    is_of_one : bool
        Whether the file is about one picture: where the run has but one, it is that one,
        whatever the file is called.

    Raises
    ------
    DatasetError
        If it is no run with labels.
    """

    def __init__(self, folder: Path, *, is_of_one: bool) -> None:
        self._folder = folder
        self._keys = sorted(path.parent.name for path in folder.glob(f"*/{_LABELS}"))
        self._only = is_of_one and len(self._keys) == 1
        self._shapes: dict[str, tuple[int, ...]] = {}
        if not self._keys:
            msg = f"{folder} is no folder of a run with labels; name what --out was"
            raise DatasetError(msg)

    def name(self, name: str) -> str:
        """Return the name of the picture that a file is about."""
        if self._only:
            return self._keys[0]
        found = match_names([name], self._keys)
        if not found:
            msg = (
                f"The run in {self._folder.name} has no picture called {name}; call the "
                f"file as its picture, such as {self._keys[0]}"
            )
            raise DatasetError(msg)
        return found[name]

    def shape(self, name: str) -> tuple[int, int]:
        """Return height and width of a picture, as it was segmented."""
        return _flat(name, self._shape(name))

    def checked(self, one: Annotation) -> Annotation:
        """Return objects under the name of their picture, which must have their size."""
        name = self.name(one.name)
        shape = self._shape(name)
        if one.labels.shape != shape:
            given, wanted = (
                " x ".join(str(side) for side in sides)
                for sides in (one.labels.shape, shape)
            )
            msg = (
                f"{name}: the run's labels are {wanted} pixels and the file's {given}; "
                f"edit what the run exported, neither turned nor resized"
            )
            raise DatasetError(msg)
        return replace(one, name=name)

    def _shape(self, name: str) -> tuple[int, ...]:
        if name not in self._shapes:
            labels = read_labels(self._folder / name / _LABELS, allow_empty=True)
            self._shapes[name] = labels.shape
        return self._shapes[name]


def _flat(name: str, shape: tuple[int, ...]) -> tuple[int, int]:
    if len(shape) != 2:
        msg = f"{name} is a stack of slices; objects of this format lie in one picture"
        raise DatasetError(msg)
    return shape[0], shape[1]
