"""Tests operator errors: English by themselves, another language through a translator, and no text of the validator."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from auditor.framework.operator_problems import below, nearest, problem, unreadable, unwritable
from auditor.service.config.loading import ConfigError, load
from auditor.service.config.model import Config
from auditor.texts.translate import Texts

Key = tuple[str, ...]
WRONG: tuple[object, ...] = (
    "",
    " ",
    "x",
    "x" * 200,
    0,
    -1,
    10**12,
    1.5,
    float("nan"),
    float("inf"),
    True,
    [],
    ["x"],
    [1],
    [[]],
    {"x": 1},
    None,
)


def _keys(model: type[BaseModel], at: Key = ()) -> Iterator[Key]:
    """Yield every key of the configuration, with one made-up entry for each table with names of the operator's."""
    for name, field in model.model_fields.items():
        here = (*at, name)
        yield here
        section, below_it = _section(field.annotation)
        if section is not None:
            yield from _keys(section, (*here, *below_it))


def _section(annotation: Any) -> tuple[type[BaseModel] | None, Key]:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return (annotation, ()) if issubclass(annotation, BaseModel) else (None, ())
    last = get_args(annotation)[-1:]
    named = bool(last) and isinstance(last[0], type) and issubclass(last[0], BaseModel)
    return (last[0], ("internet",)) if named else (None, ())


@pytest.mark.parametrize("key", list(_keys(Config)), ids=".".join)
def test_every_wrong_value_has_words_of_ours(key: Key) -> None:
    for value in WRONG:
        options: dict[str, Any] = {}
        holder = options
        for part in key[:-1]:
            holder = holder.setdefault(part, {})
        holder[key[-1]] = value
        try:
            load(explicit=None, environment={}, options=options, directories=())
        except ConfigError as error:
            for one in error.problems:
                assert one.template != "{why}", f"{one}: {value!r}"
                assert "\n" not in str(one)


def test_words_come_when_it_is_shown() -> None:
    one = problem("unknown {what}", at="file", hint=nearest("chekc", ["check", "list"]), what="thing")
    assert str(one) == "file: unknown thing (did you mean 'check'?)"
    assert one.worded(lambda text, **values: text.upper()) == "file: UNKNOWN {WHAT} (DID YOU MEAN '{NEAR}'?)"


def test_problem_nested_location_is_joined() -> None:
    assert str(below("policy.toml", problem("must be a table", at="levels"))) == "policy.toml: levels: must be a table"
    assert str(below("policy.toml", problem("must be a table"))) == "policy.toml: must be a table"


def test_nearest_without_a_similar_word_is_none() -> None:
    assert nearest("frobnicate", ["check", "list"]) is None


@pytest.mark.parametrize(("word", "near"), [("tls", "security.tls"), ("dnssec", "security.dns.dnssec")])
def test_nearest_is_the_name_that_a_word_is_the_end_of(word: str, near: str) -> None:
    names = ["security.tls.kex", "security.tls", "ipv6.web", "security.dns.dnssec"]
    assert nearest(word, names) == problem(" (did you mean '{near}'?)", near=near)
    assert nearest("", names) is None


def test_values_are_made_harmless() -> None:
    assert str(problem("unknown {what}", what="a\x1b[31m")) == "unknown a\\x1b[31m"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (FileNotFoundError(2, "No such file"), "there is no such file"),
        (IsADirectoryError(21, "Is a directory"), "is a folder, not a file"),
        (PermissionError(13, "Permission denied"), "may not be read: no permission"),
        (OSError(5, "Input/output error"), "cannot be read: Input/output error"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "is not text in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read(error: OSError | UnicodeDecodeError, says: str) -> None:
    assert str(unreadable(error, at=str(Path("x")))) == f"x: {says}"


@pytest.mark.parametrize(
    ("number", "vi", "en"),
    [
        (errno.ENOSPC, "hết dung lượng đĩa", "no space left"),
        (errno.ENOENT, "không có thư mục chứa nó", "the folder for it does not exist"),
        (errno.EACCES, "không có quyền ghi", "may not be written: no permission"),
        (
            errno.EROFS,
            "không ghi được: hệ thống tệp chỉ cho phép đọc",
            "cannot be written: the file system is read-only",
        ),
    ],
)
def test_file_that_cannot_be_written_is_told_in_the_language_of_the_reader(number: int, vi: str, en: str) -> None:
    told = unwritable(OSError(number, os.strerror(number)), at="x")
    assert told.worded(lambda text, **values: Texts("vi").say("ui", text, **values)) == f"x: {vi}"
    assert str(told) == f"x: {en}"
