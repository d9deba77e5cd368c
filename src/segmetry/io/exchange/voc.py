"""Boxes in the XML of Pascal VOC, a file for each picture."""

from os import PathLike
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np

from segmetry.io.exchange.annotation import Annotation
from segmetry.io.exchange.extents import extents_of
from segmetry.io.writing import write_bytes

__all__ = ["write_voc"]


def write_voc(
    path: str | PathLike[str], annotation: Annotation, *, category: str = "object"
) -> None:
    """Write the box around each object of a picture.

    As in VOC, pixels are counted from 1 and the last one belongs to the box. Outlines,
    and which parts belong to an object, cannot be said; the element `label` is ours.

    Parameters
    ----------
    path : path
    annotation : Annotation
        Of axes Y, X.
    category : str
        What all objects are called.

    Raises
    ------
    WriteError
        If it cannot be written.

    References
    ----------
    M. Everingham et al., Int. J. Comput. Vis. 88, 2010. doi:10.1007/s11263-009-0275-4

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from xml.etree.ElementTree import parse
    >>> cells = Annotation("a", np.array([[0, 7, 7], [0, 7, 0]]), "a.png")
    >>> with TemporaryDirectory() as folder:
    ...     write_voc(Path(folder, "a.xml"), cells)
    ...     box = parse(Path(folder, "a.xml")).find("object/bndbox")
    >>> [side.text for side in box]
    ['2', '1', '3', '2']
    """
    root = Element("annotation")
    SubElement(root, "filename").text = annotation.file_name
    size = SubElement(root, "size")
    height, width = annotation.labels.shape
    for name, value in (("width", width), ("height", height), ("depth", 1)):
        SubElement(size, name).text = str(value)
    SubElement(root, "segmented").text = "0"
    found = extents_of(annotation.labels)
    for number, box in zip(found.labels, found.boxes, strict=True):
        one = SubElement(root, "object")
        SubElement(one, "name").text = category
        SubElement(one, "label").text = str(number)
        touches = (box == [0, 0, width, height]).any()
        SubElement(one, "truncated").text = str(int(touches))
        SubElement(one, "difficult").text = "0"
        corners = SubElement(one, "bndbox")
        sides = np.add(box, [1, 1, 0, 0])
        for name, side in zip(("xmin", "ymin", "xmax", "ymax"), sides, strict=True):
            SubElement(corners, name).text = str(side)
    indent(root)
    write_bytes(path, tostring(root, encoding="utf-8", xml_declaration=True))
