"""Translates the codes in lines of the audit log into words; the log keeps codes, over which its hashes are made."""

import re
from collections.abc import Callable, Mapping

from auditor.service.accounts.model import AuditEntry
from auditor.service.web.words.lookup import say
from auditor.texts.translate import Texts

_AUDIT = re.compile(r"([0-9]+) (.+) (quick|audit)", re.DOTALL)
_VERSION = re.compile(r"(.+) ([0-9]+)", re.DOTALL)
_SCHEDULE = re.compile(r"(.+), (quick|audit)", re.DOTALL)
_ACCOUNT = re.compile(r"(.+) (viewer|operator|admin)(?: ([^ ]+))?", re.DOTALL)
_PROFILES = {"quick": "about_audit_quick", "audit": "about_audit_full"}


def about(entry: AuditEntry, texts: Texts) -> str:
    """Return ``entry.about`` in the reader's words, or as it was written if its form is not known."""
    told = _FORMS[entry.what](entry.about, texts) if entry.what in _FORMS else None
    return entry.about if told is None else told


def _audit(written: str, texts: Texts) -> str | None:
    if (found := _AUDIT.fullmatch(written)) is None:
        return None
    profile = say(texts, _PROFILES[found[3]])
    return say(texts, "about_audit", number=found[1], inventory=found[2], profile=profile)


def _schedule(written: str, texts: Texts) -> str | None:
    found = _SCHEDULE.fullmatch(written)
    return None if found is None else f"{found[1]}, {say(texts, _PROFILES[found[2]])}"


def _version(written: str, texts: Texts) -> str | None:
    found = _VERSION.fullmatch(written)
    return None if found is None else say(texts, "about_version", name=found[1], number=found[2])


def _account(written: str, texts: Texts) -> str | None:
    if (found := _ACCOUNT.fullmatch(written)) is None:
        return None
    name, role, agency = found[1], say(texts, f"role_{found[2]}"), found[3]
    return f"{name}: {role}" if agency is None else say(texts, "about_account_of", name=name, role=role, agency=agency)


def _login(written: str, texts: Texts) -> str | None:
    means, _, factor = written.partition(" ")
    return say(texts, "about_second_factor" if factor else "about_password") if means == "password" else None


_FORMS: Mapping[str, Callable[[str, Texts], str | None]] = {
    "run_started": _audit,
    "schedule_kept": _schedule,
    "inventory_imported": _version,
    "account_added": _account,
    "login": _login,
}
