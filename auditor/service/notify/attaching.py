"""Writes the reports attached to a mail: those of one agency, or of everything for a recipient of the whole."""

import io
import mimetypes
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from auditor.framework import catalogue
from auditor.service.notify.model import Attachment, MailRecipient, NotifySettings
from auditor.service.runs.agency_reports import agency_report
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.api import DatabaseStore
from auditor.service.store.kept.inventories import Inventories
from probes.framework.evidence import RunId
from reports.document import Options, Report
from reports.registry import renderer

LARGEST = 8_000_000
"""Bytes of all reports of one mail, before Base64; hosts often take 10 MB. Reports that do not fit are in the pages."""
MOST_KEPT = 2 * LARGEST
LETTER = "letter"


def attachments(
    run: RunId, channel: MailRecipient, setting: NotifySettings, store: DatabaseStore
) -> tuple[Attachment, ...]:
    """Return the recipient's reports, as far as they fit; an agency without problems gets no letter."""
    written: list[Attachment] = []
    for kind in channel.reports:
        sink = _Memory()
        options = Options(lang=channel.lang, issuer=setting.issuer)
        report = _report(run, channel, store, below=kind != LETTER)
        renderer("docx" if kind == LETTER else kind, options)(report, sink)
        for name, body in sink.files:
            if sum(len(other.body) for other in written) + len(body) <= LARGEST:
                written.append(Attachment(name=f"{run}-{name}", media=_media(name), body=body))
    return tuple(written)


class KeptAttachments:
    """Caches written reports for all attempts to deliver them, and for all recipients that get the same.

    Writing those of a province takes minutes, and a mail host may be down for days. For one thread at a time.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: dict[Hashable, tuple[Attachment, ...]] = {}

    def of(
        self, run: RunId, channel: MailRecipient, setting: NotifySettings, store: DatabaseStore
    ) -> tuple[Attachment, ...]:
        """Return the recipient's reports for the run's latest judgement."""
        judgement = store.latest_judgement(run)
        key = (run, judgement and judgement.id, store.run(run).doubt, channel.agency, channel.lang, channel.reports)
        found = self._kept.pop(key, None)
        self._kept[key] = attachments(run, channel, setting, store) if found is None else found
        while len(self._kept) > 1 and self._size() > self._most:
            del self._kept[next(iter(self._kept))]
        return self._kept[key]

    def _size(self) -> int:
        return sum(len(attachment.body) for written in self._kept.values() for attachment in written)


def _report(run: RunId, channel: MailRecipient, store: DatabaseStore, *, below: bool) -> Report:
    known = catalogue.load()
    judged = judged_run(run, store, known)
    if channel.agency is None:
        return StoredReport(judged, store, known)
    return agency_report(judged, channel.agency, store, known, Inventories(store.database), below=below)


def _media(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


class _Memory:
    """Keeps the files of a report as bytes; HTML is one file."""

    many = False

    def __init__(self) -> None:
        self.files: list[tuple[str, bytes]] = []

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        out = io.BytesIO()
        yield out
        self.files.append((name, out.getvalue()))
