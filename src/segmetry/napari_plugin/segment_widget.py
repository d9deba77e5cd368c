"""The form that finds objects: a method, and its options as it declares them."""

from typing import Any, cast

from magicgui.widgets import CheckBox, ComboBox, Container, PushButton, create_widget
from magicgui.widgets.bases import ValueWidget, Widget
from napari.layers import Image
from napari.qt.threading import create_worker
from napari.utils.notifications import show_error, show_info
from napari.viewer import Viewer

from segmetry.errors import SegmetryError
from segmetry.napari_plugin.layers import LayerData, add_to, image_of
from segmetry.napari_plugin.processing import find_in
from segmetry.segment import (
    Option,
    segmenter_names,
    segmenter_options,
    segmenter_sentence,
)

__all__ = ["SegmentWidget", "option_widget"]

_TYPES: dict[str, type] = {"bool": bool, "int": int, "float": float, "str": str}
_FAR = 1_000_000  # where an option has no limit of its own; a form needs one


def option_widget(option: Option) -> ValueWidget[Any]:
    """Return the field of a form for an option of a method.

    Parameters
    ----------
    option : Option
    """
    limits: dict[str, Any] = {}
    if option.choices:
        limits = {"choices": option.choices}
    elif option.kind in {"int", "float"}:
        low = -_FAR if option.low is None else option.low
        high = _FAR if option.high is None else option.high
        limits = {"min": low, "max": high}
    if option.kind == "float":
        limits |= {"step": 0.01}
    field = create_widget(
        option.default,
        annotation=None if option.choices else _TYPES[option.kind],
        name=option.name,
        label=option.name.replace("_", " "),
        options={"tooltip": option.help, **limits},
    )
    return cast("ValueWidget[Any]", field)


class SegmentWidget(Container[Widget]):
    """Find the objects of a picture by a method with its options.

    Parameters
    ----------
    napari_viewer : napari.viewer.Viewer
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__()
        self._viewer = napari_viewer
        picture = create_widget(annotation=Image, label="picture")
        self.picture = cast("ValueWidget[Any]", picture)
        self.method = ComboBox(label="method", choices=segmenter_names(), value="auto")
        self.marks = CheckBox(
            text="banner and scale bar",
            value=True,
            tooltip="Look for them first: nothing is found in a banner, and the bar tells "
            "the pixel size where nothing else does.",
        )
        self.form: Container[ValueWidget[Any]] = Container(labels=True)
        self.button = PushButton(text="Find objects")
        self.extend([self.picture, self.method, self.marks, self.form, self.button])
        self.method.changed.connect(self._ask_options)
        self.button.changed.connect(self.find)
        self._ask_options()

    def find(self) -> None:
        """Find the objects beside the window, and add them as a layer."""
        layer = self.picture.value
        if layer is None:
            show_error("There is no picture; open one first.")
            return
        try:
            image = image_of(layer)
        except SegmetryError as error:
            show_error(str(error))
            return
        options = {field.name: field.value for field in self.form}
        self.button.enabled = False
        worker = create_worker(
            find_in, image, layer.name, self.method.value, options, marks=self.marks.value
        )
        worker.returned.connect(lambda found: self._show(layer, *found))
        worker.errored.connect(self._tell)
        worker.finished.connect(lambda: setattr(self.button, "enabled", True))
        worker.start()

    def _show(self, layer: Image, found: LayerData, grid: dict[str, Any]) -> None:
        if grid:
            layer.scale, layer.units = grid["scale"], grid["units"]
        [added] = add_to(self._viewer, found)
        show_info(f"{len(added.features)} objects were found in {layer.name}.")

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, SegmetryError):
            raise error
        show_error(str(error))

    def _ask_options(self) -> None:
        self.form.clear()
        self.form.extend(option_widget(one) for one in segmenter_options(self.method.value))
        self.method.tooltip = segmenter_sentence(self.method.value)
