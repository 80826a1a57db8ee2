"""Holds the credentials of a profile once its references are resolved; they are never shown or stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NoReturn


class Secret:
    """Holds a text that cannot be printed, encoded or pickled by accident; only an engine reads it, with ``reveal``."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        return self.__text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__text

    def __hash__(self) -> int:
        return hash(self.__text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not stored")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpProfile:
    """Holds one set of credentials. ``version``: ``1``, ``2c`` or ``3``; ``auth`` and ``priv`` name algorithms.

    ``contexts`` are read beside ``context``: virtual networks (VRF) that have their tables only in a context of their
    own.
    """

    name: str
    version: str
    community: Secret | None = None
    user: str = ""
    auth: str | None = None
    auth_key: Secret | None = None
    priv: str | None = None
    priv_key: Secret | None = None
    context: str = ""
    contexts: tuple[str, ...] = ()

    def within(self, context: str) -> "SnmpProfile":
        """Return the same user in a further context, or the same community as agents know it by ``@CONTEXT``."""
        name = f"{self.name} in {context}"  # libraries keep users by name
        if self.version == "3":
            return replace(self, name=name, context=context)
        text = "" if self.community is None else self.community.reveal()
        return replace(self, name=name, community=Secret(f"{text}@{context}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpSetting:
    """Holds the engine to use (``gufo`` or ``pysnmp``), the profiles by name, and the default one for devices."""

    engine: str = "gufo"
    profiles: Mapping[str, SnmpProfile] = field(default_factory=dict)
    default: str | None = None
