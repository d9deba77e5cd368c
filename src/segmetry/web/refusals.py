"""What the server answers when it cannot do what was asked: one plain sentence, as JSON."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from segmetry import errors
from segmetry.errors import SegmetryError

__all__ = ["RefusedError", "answer_errors", "fault", "refusal"]

_STATUS: Mapping[type[SegmetryError], int] = {
    errors.ReadError: 422,
    errors.CalibrationError: 422,
    errors.CalibrationConflictError: 409,
    errors.PictureError: 409,
    errors.RecipeError: 422,
    errors.DatasetError: 422,
    errors.ModelError: 422,
    errors.RegionError: 422,
    errors.EditError: 422,
    errors.EditTooLargeError: 413,
    errors.WriteError: 507,
    errors.ProjectError: 409,
    errors.MissingError: 404,
    errors.OutdatedError: 409,
    errors.MissingExtraError: 501,
    errors.WorkersError: 503,
}
_FAULT = (
    "Segmetry made a mistake with this and did nothing more. What was saved before is "
    "kept; the window with the program's messages says more."
)


class RefusedError(SegmetryError):
    """A request cannot be answered, for a reason that is about HTTP alone.

    Parameters
    ----------
    status : int
    code : str
        For programs: a word or two, as "too-large".
    message : str
        For people: a plain sentence.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def refusal(status: int, code: str, message: str, **more: Any) -> JSONResponse:
    """Return the answer that every refusal has.

    Examples
    --------
    >>> refusal(404, "missing", "There is no such picture.").body
    b'{"error":{"code":"missing","message":"There is no such picture."}}'
    """
    return JSONResponse({"error": {"code": code, "message": message, **more}}, status)


def answer_errors(application: FastAPI) -> None:
    """Let an application answer all errors in the one shape, never with a traceback."""
    application.add_exception_handler(SegmetryError, _mendable)
    application.add_exception_handler(RequestValidationError, _invalid)
    application.add_exception_handler(HTTPException, _http)


def _mendable(_: Request, error: Exception) -> JSONResponse:
    if isinstance(error, RefusedError):
        return refusal(error.status, error.code, str(error))
    kind = next(kind for kind in type(error).__mro__ if kind in _STATUS)
    words = re.findall("[A-Z][a-z]+", kind.__name__.removesuffix("Error"))
    return refusal(_STATUS[kind], "-".join(words).lower(), str(error))


def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as registered
    first = error.errors()[0]
    place, *names = first["loc"]
    if place == "path":
        return refusal(404, "missing", "There is nothing at this address.")
    name = ".".join(str(name) for name in names) or place
    return refusal(422, "invalid", f"The request's {name} is wrong: {first['msg']}.")


def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - as registered
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    answer = refusal(error.status_code, code, _sentence(error))
    answer.headers.update(error.headers or {})
    return answer


def _sentence(error: HTTPException) -> str:
    if error.detail.endswith("."):
        return error.detail
    return f"This address does not answer so: {error.detail.lower()}."


def fault(_: Exception) -> JSONResponse:
    """Return the answer to a request on which the program itself failed."""
    return refusal(500, "fault", _FAULT)
