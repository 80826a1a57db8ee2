"""Changes of a function, made in memory, and whether the cases and tests of its module notice them."""

from types import FunctionType

from tests.golden.mutate import changes

SOURCE = """
class Counter:
    def few(self, values: list[int], most: int = 3) -> bool:
        "Whether there are few."
        return len([value for value in values if value > 0]) <= most and not False
"""


def test_changes_of_a_method_are_made_one_at_a_time() -> None:
    found = dict(changes(SOURCE, "Counter.few"))
    assert list(found) == [
        "5: return None",
        "5: len([value for value in values if value > 0]) <= most or not False",
        "5: len([value for value in values if value > 0]) <= most and False",
        "5: len([value for value in values if value > 0]) < most",
        "5: not True",
        "5: [value for value in values]",
        "5: value >= 0",
        "5: value > 1",
    ]
    given = [None, True, False, False, False, False, False, True]
    assert [FunctionType(code, {})(None, [0, 1, 2, 3], 3) for code in found.values()] == given
