"""Reading text in small crops, offline.

The models come with the package rapidocr; they are loaded when text is to be read and
released afterwards. Nothing is downloaded, sent, logged or written.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.offline import block_usage_data

__all__ = ["ReadText", "Text", "text_reader"]


@dataclass(frozen=True)
class Text:
    """A line of text and where it stands.

    Parameters
    ----------
    text : str
    score : float
        How sure the reader is, 0 to 1.
    x_min, y_min, x_max, y_max : float
        Its box in pixels of the crop.
    """

    text: str
    score: float
    x_min: float
    y_min: float
    x_max: float
    y_max: float

    @property
    def height(self) -> float:
        """Height of the box in pixels."""
        return self.y_max - self.y_min

    @property
    def width(self) -> float:
        """Width of the box in pixels."""
        return self.x_max - self.x_min


ReadText = Callable[[NDArray[np.uint8]], list[Text]]


@contextmanager
def text_reader() -> Iterator[ReadText]:
    """Load the models, yield a function that reads the text of a crop, release them.

    The function takes grey values (uint8, shape (Y, X)) and returns lines of text.
    """
    engine = [_engine()]
    try:
        yield lambda crop: _lines(engine[0], crop)
    finally:
        # A reader that somebody kept must not keep the models in memory.
        engine.clear()


def _engine() -> Any:
    block_usage_data()
    with _no_network_client():
        import rapidocr
        from rapidocr import EngineType, RapidOCR

    models = Path(rapidocr.__file__).parent / "models"
    openvino = EngineType.OPENVINO
    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Det.engine_type": openvino,
            "Rec.engine_type": openvino,
            # A stated path keeps rapidocr from checking hashes and from downloading.
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
            "Det.limit_type": "max",
            "Det.limit_side_len": 960,
            "EngineConfig.openvino.inference_num_threads": 1,
            "EngineConfig.openvino.performance_hint": "LATENCY",
        }
    )
    logging.getLogger("RapidOCR").disabled = True
    return engine


@contextmanager
def _no_network_client() -> Iterator[None]:
    """Keep rapidocr from loading the package with which it would download models.

    Merely importing that package opens a socket, to try out the protocol.
    """
    if "requests" in sys.modules:
        yield
        return
    stand_in = ModuleType("requests")
    stand_in.Response = object  # type: ignore[attr-defined]
    sys.modules["requests"] = stand_in
    try:
        yield
    finally:
        del sys.modules["requests"]


def _lines(engine: Any, crop: NDArray[np.uint8]) -> list[Text]:
    result = engine(np.repeat(crop[:, :, None], 3, axis=2))
    if result.boxes is None:
        return []
    return [
        Text(text, float(score), *np.min(box, axis=0), *np.max(box, axis=0))
        for text, score, box in zip(result.txts, result.scores, result.boxes, strict=True)
    ]
