"""Writes the result of a crafted packet, for a reviewer."""

from inventory.model import IPAddress
from probes.observations.text import Word


def answer_text(answer: str | None, source: IPAddress | None, type_: int | None, code: int | None, word: Word) -> str:
    """Return the answer to the packet as text, or the text for an answer that shows nothing."""
    match answer:
        case "arrived":
            return word("the packet came back to us")
        case "icmp" if source:
            return word("ICMP error {}/{} from {}").format(type_, code, source)
        case "icmp":
            return word("an ICMP error")
        case "reply":
            return word("the address answered by itself")
        case _:
            return word("no answer that says anything")
