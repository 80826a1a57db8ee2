"""The two routes need no login."""

from auditor.service.web.pages.service.about import SCHEMA_PATH, routes


def test_page_and_schema_ask_for_no_session() -> None:
    assert [(route.path, route.role) for route in routes.all] == [("/about", None), (SCHEMA_PATH, None)]
