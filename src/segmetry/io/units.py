"""Names of length units as files spell them."""

__all__ = ["unit_of"]

_SPELLINGS = {
    "pm": ("pm", "picometer", "picometre", "picometers", "picometres"),
    "angstrom": ("å", "a", "angstrom", "ångström", "angstroms", "ang"),
    "nm": ("nm", "nanometer", "nanometre", "nanometers", "nanometres"),
    # Two different letters look like µ: the micro sign and the Greek mu. ImageJ writes
    # the micro sign as an escape, and encodings gone wrong put a letter before it.
    "um": (
        *("um", "µm", "μm", "\\u00b5m", "âµm", "micron", "microns"),
        *("micrometer", "micrometre", "micrometers", "micrometres"),
    ),
    "mm": ("mm", "millimeter", "millimetre", "millimeters", "millimetres"),
    "cm": ("cm", "centimeter", "centimetre", "centimeters", "centimetres"),
    "m": ("m", "meter", "metre", "meters", "metres"),
}
_UNITS = {spelling: unit for unit, group in _SPELLINGS.items() for spelling in group}


def unit_of(text: object) -> str | None:
    """Return the unit that a file's spelling means, or `None`.

    Parameters
    ----------
    text : object
        What the file says. Anything but the spelling of a length gives `None`: "pixel",
        "inch" (a unit of print, in the files that use it), "1/nm", "s", no text at all.

    Returns
    -------
    str or None
        A key of `segmetry.image.LENGTH_IN_UM`.

    Examples
    --------
    >>> unit_of("µm"), unit_of("micron"), unit_of("Å"), unit_of("pixel")
    ('um', 'um', 'angstrom', None)
    """
    if not isinstance(text, str):
        return None
    spelling = text.strip().strip("\0").strip()
    # "Mm" and "NM" are not the units that lower case would make of them; "Å" and words are.
    if len(spelling) <= 2 and spelling not in ("Å", "A"):
        return _UNITS.get(spelling)
    return _UNITS.get(spelling.lower())
