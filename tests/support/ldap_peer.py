"""Serves only StartTLS of LDAP (RFC 4511 §4.14): ``python -m tests.support.ldap_peer ADDRESS PEM``.

On 389 it answers the request and then shakes hands; on 636 it shakes hands at once.
"""

import socketserver
import ssl
import sys
import threading
from contextlib import suppress

REQUEST_OID = b"1.3.6.1.4.1.1466.20037"
CONSENT = bytes.fromhex("300c02010178070a010004000400")


class Server(socketserver.ThreadingTCPServer):
    """Serves LDAP over IPv6, with one thread for each connection."""

    address_family = 10  # AF_INET6
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


def handler(context: ssl.SSLContext, *, implicit: bool) -> type[socketserver.BaseRequestHandler]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError, ssl.SSLError):
                if not implicit:
                    asked = self.request.recv(4_096)
                    if REQUEST_OID not in asked:
                        return
                    answer = bytearray(CONSENT)
                    answer[4] = asked[4]  # the number of the message
                    self.request.sendall(answer)
                with context.wrap_socket(self.request, server_side=True) as secured:
                    secured.recv(1)

    return Handler


def main(address: str, pem: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    plain = Server((address, 389), handler(context, implicit=False))
    threading.Thread(target=plain.serve_forever, daemon=True).start()
    Server((address, 636), handler(context, implicit=True)).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
