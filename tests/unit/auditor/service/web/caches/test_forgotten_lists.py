"""Tests that a list of names is computed once for each run and inventory, and that the oldest lists are dropped."""

from auditor.service.runs.forgotten import ForgottenNames
from auditor.service.web.caches.forgotten_lists import ForgottenLists


def test_list_is_found_once_while_it_is_among_the_last_few() -> None:
    lists, found = ForgottenLists(), list[str]()

    def ask(run: str) -> ForgottenNames:
        def find() -> ForgottenNames:
            found.append(run)
            return ForgottenNames(more=int(run))

        return lists.of((run, "sha256:0"), find)

    assert [ask(run).more for run in ("1", "1", "2", "3", "4", "1")] == [1, 1, 2, 3, 4, 1]
    assert found == ["1", "2", "3", "4"]
    ask("5")
    ask("1")
    assert found == ["1", "2", "3", "4", "5", "1"]
