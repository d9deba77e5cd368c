"""Models as packages of bioimage.io, both ways.

`bioimageio.spec` [1]_ knows the format; it and `onnx` come with the extra "bioimageio".

References
----------
.. [1] https://github.com/bioimage-io/spec-bioimage-io
"""

from segmetry.models.bioimageio.export import export_package
from segmetry.models.bioimageio.importing import Imported, import_package

__all__ = ["Imported", "export_package", "import_package"]
