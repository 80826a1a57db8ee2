"""Defines the inventory of one run, frozen and content-addressed: it is stored with the run and judged against."""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from inventory.dataclass_json import from_bytes, to_bytes
from inventory.model import AgencyId, Exemption, Subject, SubjectId
from inventory.organisation import Organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """Holds a file that was read, as it was named, and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Holds subjects in the order written, the tree of their owners, exemptions, and the files of all these."""

    subjects: tuple[Subject, ...] = ()
    organisation: Organisation = field(default_factory=Organisation)
    exemptions: tuple[Exemption, ...] = ()
    sources: tuple[SourceFile, ...] = ()

    def subject(self, wanted: SubjectId) -> Subject | None:
        return next((subject for subject in self.subjects if subject.id == wanted), None)

    def of_agency(self, agency: AgencyId) -> tuple[Subject, ...]:
        return tuple(subject for subject in self.subjects if subject.agency == agency)

    def in_force(self, day: date) -> tuple[Subject, ...]:
        return tuple(subject for subject in self.subjects if subject.in_force(day))

    def to_json(self) -> bytes:
        """Return the canonical bytes; ``digest`` is their SHA-256."""
        return to_bytes(self)

    @classmethod
    def from_json(cls, data: bytes) -> "Inventory":
        """Read canonical bytes; raise SerialError for anything that ``to_json`` did not write."""
        return from_bytes(cls, data)

    def digest(self) -> str:
        return sha256(self.to_json()).hexdigest()
