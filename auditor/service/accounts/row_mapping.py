"""Converts rows of the store into accounts, tokens and lines of the audit log."""

from typing import Any

from sqlalchemy import Row

from auditor.service.accounts.model import Account, AuditEntry, Role, SessionInfo, Token, TokenScope
from inventory.model import AgencyId


def account(row: Row[Any]) -> Account:
    values = row._mapping
    return Account(
        key=values["key"],
        name=values["name"],
        role=Role(values["role"]),
        agency=AgencyId(values["agency"]) if values["agency"] else None,
        lang=values["lang"],
        created=values["created"],
        disabled=values["disabled"],
        second_factor=values["totp"] is not None,
        vouched=bool(values["vouched"]),
    )


def token(row: Row[Any]) -> Token:
    values = row._mapping
    return Token(
        digest=values["digest"],
        account=values["owner"],
        name=values["name"],
        scopes=frozenset(map(TokenScope, values["scopes"])),
        created=values["created"],
        expires=values["expires"],
        vantage=values["vantage"] or "",
    )


def sitting(row: Row[Any]) -> SessionInfo:
    values = row._mapping
    return SessionInfo(
        digest=values["digest"], created=values["created"], seen=values["seen"], address=values["address"]
    )


def deed(row: Row[Any]) -> AuditEntry:
    values = row._mapping
    return AuditEntry(
        number=values["key"],
        time=values["time"],
        who=values["who"],
        address=values["address"],
        what=values["what"],
        about=values["about"],
        hash=values["hash"],
    )
