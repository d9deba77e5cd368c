"""What napari shows beside the canvas: measure, correct, send back, other pictures.

Each is a form of one function of this room; what goes wrong is told in one sentence.
"""

from collections.abc import Callable
from typing import Any, cast

from magicgui import magic_factory
from magicgui.widgets import ComboBox, Container, PushButton, create_widget
from magicgui.widgets.bases import ValueWidget, Widget
from napari.layers import Image, Labels, Layer, Shapes
from napari.utils.notifications import show_error, show_info
from napari.viewer import Viewer

from segmetry.errors import EditError, SegmetryError
from segmetry.measure.wording import count_of
from segmetry.napari_plugin import sending
from segmetry.napari_plugin.correcting import Tool, correct
from segmetry.napari_plugin.layers import SOURCE, add_to
from segmetry.napari_plugin.processing import measure_objects
from segmetry.napari_plugin.reading import read_layers
from segmetry.napari_plugin.stored import Place, Source, names_in

__all__ = [
    "PicturesWidget",
    "SendBackWidget",
    "correct_widget",
    "measure_widget",
    "numbers_in",
    "tell",
]


def tell(act: Callable[[], str]) -> None:
    """Do something, and let napari show what came of it, or why it cannot be done."""
    try:
        show_info(act())
    except SegmetryError as error:
        show_error(str(error))


def numbers_in(text: str) -> tuple[int, ...]:
    """Return the numbers of objects in a text.

    Raises
    ------
    EditError
        If it holds anything else.
    """
    try:
        return tuple(int(word) for word in text.replace(",", " ").split())
    except ValueError as error:
        msg = f"expected numbers of objects, as 3, 5, 8, got {text!r}"
        raise EditError(msg) from error


@magic_factory(call_button="Measure")
def measure_widget(objects: Labels, picture: Image | None) -> None:
    """Measure the objects of a layer; their table becomes its features."""
    tell(lambda: f"{count_of(len(measure_objects(objects, picture)), 'object')} measured.")


@magic_factory(
    call_button="Apply",
    tool={"tooltip": "split: draw a line across; the others: a line, or numbers"},
    numbers={"tooltip": "3, 5, 8; empty: the selected object, where no line is drawn"},
    width={"min": 1, "max": 200, "label": "line width (px)"},
)
def correct_widget(
    objects: Labels,
    tool: Tool,
    lines: Shapes | None,
    numbers: str = "",
    width: int = 1,
) -> None:
    """Split, merge, fill or remove objects; Ctrl+Z takes it back.

    Lines that were used are removed.
    """

    def corrected() -> str:
        chosen = numbers_in(numbers)
        has_lines = lines is not None and len(lines.data) > 0
        if not chosen and not has_lines and tool != "split":
            chosen = (int(objects.selected_label),)
        told = correct(objects, tool, strokes=lines, numbers=chosen, width=width)
        if lines is not None and has_lines:
            lines.data = []
        return told

    tell(corrected)


class SendBackWidget(Container[Widget]):
    """Send what was painted back to its run or project, undo, redo, or reload."""

    def __init__(self) -> None:
        super().__init__()
        objects = create_widget(annotation=Labels, label="objects")
        self.objects = cast("ValueWidget[Any]", objects)
        self.append(objects)
        for title, act in (
            ("Send back", sending.send_back),
            ("Undo last step", sending.undo),
            ("Redo", sending.redo),
            ("Reload", sending.reload),
        ):
            button = PushButton(text=title)
            button.changed.connect(lambda *_, act=act: self._do(act))
            self.append(button)

    def _do(self, act: Callable[[Labels], str]) -> None:
        layer = self.objects.value
        if layer is None:
            show_error("There is no layer of objects; open a run first.")
            return
        tell(lambda: act(layer))


class PicturesWidget(Container[Widget]):
    """Show one picture of the runs and projects that are open, and hide the others.

    Parameters
    ----------
    napari_viewer : napari.viewer.Viewer
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._places: dict[str, tuple[Place, str]] = {}
        self.picture = ComboBox(label="picture", choices=self._choices, nullable=True)
        show = PushButton(text="Show")
        show.changed.connect(lambda *_: tell(self.show_chosen))
        self.extend([self.picture, show])

    def show_chosen(self) -> str:
        """Show the chosen picture, opened if it is not yet."""
        chosen = self.picture.value
        if chosen is None:
            return "There is no run or project open; open the folder of one."
        place, name = self._places[chosen]
        shown = [one for one in self._viewer.layers if _is_of(one, place, name)]
        if not shown:
            for layer in read_layers(place, [name]):
                shown += add_to(self._viewer, layer)
        for layer in self._viewer.layers:
            layer.visible = layer in shown
        self._viewer.reset_view(layers=shown)  # hidden ones may be a thousand times as wide
        return f"{name} is shown."

    def _choices(self, _widget: object) -> list[str]:
        sources = [one.metadata.get(SOURCE) for one in self._viewer.layers]
        places = {one.place for one in sources if isinstance(one, Source)}
        self._places = {
            f"{place.folder.name}: {name}": (place, name)
            for place in sorted(places, key=lambda one: str(one.folder))
            for name in names_in(place)
        }
        return list(self._places)


def _is_of(layer: Layer, place: Place, name: str) -> bool:
    source = layer.metadata.get(SOURCE)
    return isinstance(source, Source) and (source.place, source.name) == (place, name)
