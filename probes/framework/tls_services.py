"""Lists which services of mail and of directories speak TLS, from the first byte or behind STARTTLS."""

from collections.abc import Mapping

MAIL_TLS: Mapping[str, str] = {
    "smtp": "smtp",
    "submission": "smtp",
    "submissions": "smtps",
    "imap": "imap",
    "imaps": "imaps",
    "pop3": "pop3",
    "pop3s": "pop3s",
}
"""The protocol that leads to TLS, by the name of the service (STARTTLS: RFC 3207, RFC 9051, RFC 2595)."""
FOR_CLIENTS = frozenset(MAIL_TLS) - {"smtp"}
"""Those that people's mail programs use: they verify certificates, as senders of mail do not."""
DIRECTORY_TLS: Mapping[str, str] = {"ldap": "ldap", "ldaps": "ldaps"}
"""Of directories (STARTTLS: RFC 4511 §4.14), as MAIL_TLS is of mail hosts."""
TLS_SERVICES: Mapping[str, str] = {**MAIL_TLS, **DIRECTORY_TLS}
VERIFIED = FOR_CLIENTS | frozenset(DIRECTORY_TLS)
"""Those whose clients verify certificates, as senders of mail do not."""
