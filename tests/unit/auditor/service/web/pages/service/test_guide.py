"""The guide asks for no session: who cannot log in yet reads how to."""

from auditor.service.web.pages.service.guide import routes


def test_guide_asks_for_no_session() -> None:
    assert {route.role for route in routes.all} == {None}
