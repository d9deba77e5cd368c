"""Every option is told in one sentence, and none has the name of another."""

import re
from collections import Counter
from typing import get_args

import pytest
import typer
from typer.models import ArgumentInfo

from segmetry.cli import app, exchange_options, options, train_options
from segmetry.segment import SEGMENTERS

MODULES = (exchange_options, options, train_options)
EACH = [
    pytest.param(getattr(module, name), id=f"{module.__name__.rpartition('.')[2]}.{name}")
    for module in MODULES
    for name in module.__all__
]


def described(annotated):
    """The option or argument that a type is annotated with."""
    _, info = get_args(annotated)
    return info


@pytest.mark.parametrize("annotated", EACH)
def test_its_help_is_one_sentence_that_fits_two_lines(annotated):
    text = described(annotated).help
    assert text, "an option without a word"
    assert text.endswith(".")
    assert len(text) <= (250 if annotated is options.SegmenterName else 200)
    assert "  " not in text
    assert not re.search(r"\.\s+[A-Z]", text), "more than one sentence"


def test_the_methods_that_are_there_are_the_methods_that_are_told():
    # A text of its own, as the registry takes numpy, for which --help does not wait.
    told = described(options.SegmenterName).help.partition(": ")[2]
    *names, last = told.removesuffix(".").split(", ")
    assert tuple(names) == tuple(SEGMENTERS)
    assert last == "or a file NAME.segmodel"


@pytest.mark.parametrize("module", MODULES)
def test_all_that_is_described_is_offered_in_alphabetical_order(module):
    known = {name for name, value in vars(module).items() if is_option(value)}
    assert list(module.__all__) == sorted(known)


def is_option(value):
    if not hasattr(value, "__metadata__"):
        return False
    return hasattr(value.__metadata__[0], "help")


def commands(group, words=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))
        else:
            yield pytest.param(command, id=" ".join((*words, name)))


@pytest.mark.parametrize("command", list(commands(typer.main.get_command(app))))
def test_no_two_options_of_a_command_share_a_flag(command):
    flags = Counter(
        flag
        for option in command.params
        if not isinstance(option, ArgumentInfo)
        for flag in (*option.opts, *option.secondary_opts)
    )
    assert [flag for flag, n in flags.items() if n > 1] == []
    assert command.help, "a command without a word"
    # A letter alone is for what is typed often, and means the same everywhere.
    letters = {flag for flag in flags if re.fullmatch("-[a-zA-Z]", flag)}
    assert letters <= {"-v", "-h"}


def test_help_on_the_sheet_names_the_columns_that_have_a_meaning_of_their_own():
    assert "animal and group" in get_args(options.Sheet)[1].help
