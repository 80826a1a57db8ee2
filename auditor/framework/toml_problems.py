"""Explains errors in TOML: the place of each and, for common mistakes, the cause, in translatable words.

The messages of Python's parser are always English, and differ between its versions.
"""

import re

from auditor.framework.operator_problems import OperatorProblem, problem

_WHERE = re.compile(r"\(at line (\d+), column (\d+)\)$")
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Cannot redefine", "Duplicate inline table key")
_UNCLOSED = ("Unclosed", "Unterminated", "Expected ']", 'Expected "\'"', "Expected '\"'")
_LETTERS = ("Illegal character", "Found invalid character")
_ESCAPES = ("Unescaped", "Invalid hex value", "Escaped character")


def bad_toml(error: ValueError | RecursionError, *, at: str) -> OperatorProblem:
    """Return the problem for an error that ``tomllib`` raised; ``at`` is the file."""
    said, what = str(error), _mistake(str(error))
    where = _WHERE.search(said)
    if where is not None:
        line, column = where.groups()
        return problem("not valid TOML at line {line}, column {column}", at=at, hint=what, line=line, column=column)
    if said.endswith("(at end of document)"):
        return problem("not valid TOML at the end of the file", at=at, hint=what)
    return problem("not valid TOML", at=at, hint=what)


def _mistake(said: str) -> OperatorProblem | None:
    """Return the cause, to follow the place of the error; None for an uncommon one."""
    if said.startswith("Invalid value"):
        return problem(": this is no value; text needs quotes around it")
    if said.startswith("Expected '='"):
        return problem(": '=' is missing after the key")
    if said.startswith(_TWICE):
        return problem(": this key or table stands twice")
    if said.startswith(_UNCLOSED):
        return problem(": a quote or bracket is not closed")
    if said.startswith("Expected newline"):
        return problem(": something follows that does not belong to the value")
    if said.startswith(("Invalid statement", "Invalid initial character")):
        return problem(": a key or a table must begin here")
    if said.startswith(_ESCAPES):
        return problem(": a backslash within quotes is to be written twice")
    if said.startswith(_LETTERS):
        return problem(": this character, or the end of a line, must not stand here")
    return None
