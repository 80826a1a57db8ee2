"""Recognises records that were meant as SPF or DMARC and do not count."""

from collections.abc import Callable, Iterable, Mapping

from auditor.framework.check import Message, fail
from probes.wire.mail.misspelt import Slip, shown
from probes.wire.mail.spf.record import text_of

_UNQUOTED = "Enter the text without quotation marks; the panel or the name server adds its own."
_DMARC = "Begin the record with v=DMARC1; as written here."
_SPF = "Begin the record with v=spf1 as written here, and one space behind it."
_OF_DMARC: Mapping[Slip, tuple[str, str]] = {
    Slip.QUOTED: ("there are quotation marks inside its text", _UNQUOTED),
    Slip.CASE: ("its version is not written v=DMARC1, in these letters", _DMARC),
    Slip.SEMICOLON: (
        "the semicolon behind v=DMARC1 is missing",
        "Put a semicolon behind v=DMARC1 and between all tags: v=DMARC1; p=reject",
    ),
    Slip.SPACED: ("it begins with a space", "Take the space out in front of v=DMARC1."),
    Slip.VERSION: ("it does not begin with v=DMARC1;", _DMARC),
}
_OF_SPF: Mapping[Slip, tuple[str, str]] = {
    Slip.QUOTED: ("there are quotation marks inside its text", _UNQUOTED),
    Slip.JOINED: ("there is no space behind v=spf1", "Put a space behind v=spf1."),
    Slip.SPACED: ("there is a space in front of v=spf1 or within it", _SPF),
    Slip.VERSION: ("it does not begin with v=spf1", _SPF),
}
MISSPELT_DMARC: Mapping[str, Message] = {
    slip.name: fail("The DMARC record of {place} ({record}) does not count: " + why + ".", fix=fix)
    for slip, (why, fix) in _OF_DMARC.items()
}
MISSPELT_SPF: Mapping[str, Message] = {
    slip.name: fail("The SPF record of {name} ({record}) does not count: " + why + ".", fix=fix)
    for slip, (why, fix) in _OF_SPF.items()
}


def meant(records: Iterable[str], slip: Callable[[str], Slip | None]) -> tuple[str, str] | None:
    """Return the code and the text of the first TXT record that was meant to count, None if there is none."""
    texts = map(text_of, records)
    return next(((found.name, shown(text)) for text in texts if (found := slip(text)) is not None), None)
