"""Serves the catalogue of checks, the token's own account, the audit log and the OpenAPI document."""

from auditor.framework.findings import CheckId
from auditor.service.accounts.model import Role, TokenScope
from auditor.service.web.api import models, rows
from auditor.service.web.api.operation import Answer, Call, EmptyModel, Operations
from auditor.service.web.api.problems import Refused
from auditor.service.web.api.serving import answered, unchanged
from auditor.service.web.site import run_in_thread, site_of

operations = Operations("service")


@operations.get("/me", answer=models.Me, query=models.Sent)
async def me(call: Call[models.Sent, EmptyModel]) -> Answer:
    who = call.account
    return models.Me(
        name=who.name, role=who.role, agency=who.agency, scopes=sorted(call.scopes, key=list(TokenScope).index)
    )


@operations.get("/checks", answer=models.Checks, query=models.Sent, cached=True)
async def checks(call: Call[models.Sent, EmptyModel]) -> Answer:
    catalogue = site_of(call.request).catalogue
    headers, texts = unchanged(call, catalogue.version), rows.both(catalogue)
    items = [rows.check(catalogue.checks[check], texts) for check in sorted(catalogue.checks)]
    return answered(models.Checks(catalogue=catalogue.version, items=items), headers)


@operations.get("/checks/{check}", answer=models.CheckPage, query=models.Sent, cached=True)
async def check(call: Call[models.Sent, EmptyModel]) -> Answer:
    catalogue = site_of(call.request).catalogue
    found = catalogue.checks.get(CheckId(call.part("check")))
    if found is None:
        raise Refused(404)
    headers = unchanged(call, catalogue.version)
    return answered(rows.check_page(found, rows.both(catalogue)), headers)


@operations.get("/audit-log", answer=models.AuditLog, query=models.LogQuery, role=Role.ADMIN, scope=TokenScope.ADMIN)
async def audit_log(call: Call[models.LogQuery, EmptyModel]) -> Answer:
    """Return lines of the audit log, the latest first."""
    deeds = await run_in_thread(site_of(call.request).accounts.deeds, call.query.limit)
    return models.AuditLog(
        items=[
            models.AuditLogLine(
                number=deed.number,
                time=deed.time,
                who=deed.who,
                address=deed.address,
                what=deed.what,
                about=deed.about,
                hash=deed.hash,
            )
            for deed in deeds
        ]
    )
