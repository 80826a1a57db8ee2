"""What ``security.mail.mx`` says of an exchanger that takes no mail: where none does, and where another one does."""

from collections.abc import Iterator, Mapping

from auditor.facts.mail.mx_hosts import Taking
from auditor.framework.check import Message, says
from auditor.framework.findings import Outcome

_NAME = "Name the exchanger in the MX record by a host name that has public A and AAAA records."
_DEAD = " or take {exchanger} out of the MX records."
_TEXTS = {
    Taking.LITERAL: (
        "The MX record of {name} holds an address ({exchanger}), where senders look for a host name",
        _NAME,
    ),
    Taking.MISSING: (
        "{name} names a mail exchanger that does not exist: {exchanger}",
        "Publish {exchanger} with its addresses," + _DEAD,
    ),
    Taking.NO_ADDRESS: (
        "{exchanger}, a mail exchanger of {name}, has no address (neither A nor AAAA)",
        "Publish the A and AAAA records of {exchanger}," + _DEAD,
    ),
    Taking.PRIVATE: (
        "{exchanger}, a mail exchanger of {name}, leads only to addresses that no sender on the Internet reaches:"
        " {addresses:list}",
        "Publish the public addresses of {exchanger}," + _DEAD,
    ),
    Taking.REJECTS: (
        "{exchanger}, a mail exchanger of {name}, greets with a refusal ({reply})",
        "Let the mail server take the domain's mail," + _DEAD,
    ),
    Taking.NOT_SMTP: (
        "{exchanger}, a mail exchanger of {name}, answers on TCP port 25 with something that is not SMTP",
        "Let a mail server listen on TCP port 25 of {exchanger}," + _DEAD,
    ),
    Taking.UNREACHABLE: (
        "{exchanger}, a mail exchanger of {name}, is reported as unreachable by the network (TCP port 25)",
        "Repair the route to {exchanger} or the filter that rejects the packets," + _DEAD,
    ),
    Taking.REFUSED: (
        "{exchanger}, a mail exchanger of {name}, refuses connections on TCP port 25",
        "Start the mail server on {exchanger} and let it listen on its public addresses," + _DEAD,
    ),
    Taking.SILENT: (
        "{exchanger}, a mail exchanger of {name}, does not answer on TCP port 25",
        "Open TCP port 25 to {exchanger} in the firewall," + _DEAD,
    ),
}
_NONE = "; no exchanger takes the domain's mail."
_SOME = "; exchangers that take its mail: {open:n} of {count:n}."


def _codes() -> Iterator[tuple[str, Message]]:
    for taking, (text, fix) in _TEXTS.items():
        yield taking.name, says(Outcome.FAIL, text + _NONE, fix=fix)
        yield f"SOME_{taking.name}", says(Outcome.WARN, text + _SOME, fix=fix)


DEAD_CODES: Mapping[str, Message] = dict(_codes())
