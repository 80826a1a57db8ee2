"""Tests that the calendar's route asks for no session: its token is part of the address."""

from auditor.service.web.pages.problems.calendar import routes


def test_calendar_is_one_route_that_needs_no_session() -> None:
    assert [(route.name, route.role) for route in routes.all] == [("GET /calendar/{token}.ics", None)]
