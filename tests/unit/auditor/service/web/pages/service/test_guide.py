"""The guide asks for no session: a reader without an account can read how to log in."""

from auditor.service.web.pages.service.guide import routes


def test_guide_asks_for_no_session() -> None:
    assert {route.role for route in routes.all} == {None}
