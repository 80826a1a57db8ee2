"""Makes one request of HTTP/2 over a connection that carries no other (RFC 9113).

Servers that know no other version are rare, and browsers use them all the same. One stream, no push, no priorities; the
library checks the rules, the data is bounded by the peer's budget, by the time of the exchange and by its windows.
"""

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

from probes.framework.evidence import CLOSED_MUTE, FailureKind
from probes.net.core import faults
from probes.net.http.over_tls import Carrier, HungUpError
from probes.observations.web import NOT_HTTP
from probes.wire.web.http1 import FIELD_LIMIT, FIELDS_LIMIT, HEAD_LIMIT, ResponseHead

WINDOW = 1 << 20
"""The window in bytes: more than any body that is read to its end, so that none needs acknowledging."""
_STREAM = 1


class Exchange2:
    """Sends one HTTP/2 request over a carrier, as ``over_tls.Exchange`` sends one of HTTP/1.1."""

    head: ResponseHead

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        config = h2.config.H2Configuration(client_side=True, header_encoding=None, validate_inbound_headers=False)
        self._protocol = h2.connection.H2Connection(config)
        codes = h2.settings.SettingCodes
        self._protocol.local_settings = h2.settings.Settings(
            client=True,
            initial_values={
                codes.ENABLE_PUSH: 0,
                codes.INITIAL_WINDOW_SIZE: WINDOW,
                codes.MAX_HEADER_LIST_SIZE: HEAD_LIMIT,
            },
        )
        self._parts: list[bytes] = []
        self._ended = False
        self._has_head = False

    async def ask(self, headers: list[tuple[str, str]]) -> None:
        """Send the request and return once the head has come. HungUpError if the server closed before it answered."""
        protocol = self._protocol
        protocol.initiate_connection()
        protocol.increment_flow_control_window(WINDOW)
        protocol.send_headers(_STREAM, headers, end_stream=True)
        await self._carrier.send(protocol.data_to_send())
        said = False
        while not self._has_head:
            data = await self._carrier.more()
            if not data and not said:
                raise HungUpError(CLOSED_MUTE)
            said = True
            await self._take(data)

    async def part(self) -> bytes:
        """Return more of the body; empty at its end. A Fault if it was broken off."""
        while not self._parts and not self._ended:
            await self._take(await self._carrier.more())
        return self._parts.pop(0) if self._parts else b""

    async def _take(self, data: bytes) -> None:
        if not data:
            raise faults.fault(FailureKind.PROTOCOL, "closed in the middle of HTTP/2")
        try:
            events = self._protocol.receive_data(data)
        except (h2.exceptions.H2Error, ValueError, LookupError) as problem:
            detail = f"{NOT_HTTP}: {type(problem).__name__}"
            raise faults.fault(FailureKind.PROTOCOL, detail) from problem
        for event in events:
            self._note(event)
        if waiting := self._protocol.data_to_send():
            await self._carrier.send(waiting)

    def _note(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.ResponseReceived) and not self._has_head:
            self.head, self._has_head = _head(event.headers or []), True
        elif isinstance(event, h2.events.DataReceived) and event.data:  # an empty frame does not end the body
            self._parts.append(event.data)
        elif isinstance(event, h2.events.StreamEnded):
            self._ended = True
        elif isinstance(event, h2.events.StreamReset | h2.events.ConnectionTerminated) and not self._ended:
            raise faults.fault(FailureKind.RESET, f"the server ended HTTP/2 with error {event.error_code}")


def _head(headers: list[tuple[bytes, bytes]]) -> ResponseHead:
    """Return the HEADERS frame as a head of HTTP/1."""
    read = [(name.decode("utf-8", "replace"), value.decode("utf-8", "replace")) for name, value in headers]
    status = next((value for name, value in read if name == ":status"), "")
    if not (len(status) == 3 and status.isascii() and status.isdigit()):
        raise faults.fault(FailureKind.PROTOCOL, f"{NOT_HTTP}: no status")
    kept = [(name[:FIELD_LIMIT], value[:FIELD_LIMIT]) for name, value in read if not name.startswith(":")]
    return ResponseHead(int(status), "", tuple(kept[:FIELDS_LIMIT]))
