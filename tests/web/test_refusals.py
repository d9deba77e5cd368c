"""Every error that a person can mend has a status and a name for programs."""

import inspect

import pytest

from segmetry import errors
from segmetry.web.refusals import RefusedError, _mendable

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.SegmetryError) and kind is not errors.SegmetryError
]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_error_has_a_status(kind):
    error = (
        kind("Reading", "x") if kind is errors.MissingExtraError else kind("A sentence.")
    )
    answer = _mendable(None, error)
    assert 400 <= answer.status_code < 600
    assert answer.status_code != 500


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.OutdatedError("x"), 409, b'"outdated"'),
        (errors.EditTooLargeError("x"), 413, b'"edit-too-large"'),
        (errors.MissingError("x"), 404, b'"missing"'),
        (errors.MaskError("x"), 422, b'"read"'),
        (errors.WriteError("x"), 507, b'"write"'),
        (RefusedError(415, "wrong-kind", "x"), 415, b'"wrong-kind"'),
    ],
)
def test_what_programs_go_by_stays_the_same(error, status, code):
    answer = _mendable(None, error)
    assert answer.status_code == status
    assert b'"code":' + code in answer.body
