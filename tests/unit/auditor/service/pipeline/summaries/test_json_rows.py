"""Tests that rows of a document are the bytes that writing the whole list would give."""

import json

from auditor.service.pipeline.summaries.json_rows import JsonRows, dumped


def test_rows_are_written_as_the_list_of_them() -> None:
    every = [["cổng", None, {"a": 1}], ("x", "\udcff"), {}]
    rows = JsonRows()
    for row in every:
        rows.add(row)
    whole = json.dumps(every, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    assert rows.written() == whole == dumped(every)


def test_no_rows_are_an_empty_list() -> None:
    assert JsonRows().written() == b"[]"
