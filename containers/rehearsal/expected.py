"""What an audit of the province must find, written beside the inventory so that a test can compare.

`healthy` subjects have no fail and no warn at all. `defects` maps a subject to check and outcome; any other check of
that subject must not fail, except those in `consequences`, which may go down with the defect.
"""

import json
from collections.abc import Iterator

from containers.rehearsal.model import Machine, Mail, Portal, Province, Zone


def subjects(province: Province) -> Iterator[Portal | Zone | Mail | Machine]:
    """Everything that has a row in the inventory."""
    yield from province.portals
    yield from province.zones
    yield from province.mails
    yield from province.machines


def document(province: Province) -> str:
    """The text of expected.json."""
    every = {_name(province, subject): subject for subject in subjects(province)}
    return json.dumps(
        {
            "healthy": [name for name, subject in every.items() if not subject.expected],
            "defects": {name: dict(subject.expected) for name, subject in every.items() if subject.expected},
            "consequences": {name: _consequences(subject) for name, subject in every.items() if _consequences(subject)},
        },
        indent=1,
    )


def _name(province: Province, subject: Portal | Zone | Mail | Machine) -> str:
    """A machine is listed by its addresses, so its label is all the name it has."""
    return subject.label if isinstance(subject, Machine) else province.fqdn(subject.label)


def _consequences(subject: Portal | Zone | Mail | Machine) -> list[str]:
    """Without what is promised: lists of consequences are shared between defects. Unsigned zones are warned of."""
    unsigned = ("security.dns.dnssec",) if isinstance(subject, Zone) and not subject.signed else ()
    return [check for check in (*subject.consequences, *unsigned) if check not in subject.expected]
