"""Tests that anybody may read which vantages measure, but no result, and that programs get the result's schema."""

import json

import jsonschema
import pytest

from auditor.service.config.model import Config
from auditor.service.store.sql.store import SqlStore
from tests.support import judged
from tests.support.serving import serving

pytest_plugins = ("tests.support.pages",)


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("https://example.vn/kiem-tra", 'href="https://example.vn/kiem-tra"'),
        ("ipv6@example.vn", 'href="mailto:ipv6@example.vn"'),
        ("javascript:alert(1)", "<p>javascript:alert(1)</p>"),
        ("", "has not named a contact"),
    ],
)
async def test_about_page_names_the_contact_and_no_result(
    store: SqlStore, cheap: None, contact: str, shown: str
) -> None:
    judged.fill(store)
    config = Config.model_validate({"contact": contact, "report": {"issuer": "Sở KH&CN"}, "lang": "en"})
    async with serving(store, config) as served:
        browser = served.browser()
        await browser.get("/language/en?to=/about")
        status, text, _ = await browser.get("/about")
    assert status == 200
    assert shown in text
    assert "Sở KH&amp;CN" in text
    assert "ipv6-readiness-auditor/" in text
    assert judged.OURS not in text
    assert judged.AGENCY not in text


async def test_schema_of_results_is_served_with_its_id(store: SqlStore, cheap: None) -> None:
    async with serving(store) as served:
        status, text, headers = await served.browser().get("/schemas/result-1.json")
    schema = json.loads(text)
    assert (status, headers["Content-Type"].partition(";")[0]) == (200, "application/schema+json")
    assert schema["$id"] == "urn:ipv6-readiness-auditor:result:1"
    jsonschema.Draft202012Validator.check_schema(schema)
