"""Lists the mail and directory services with TLS, from the first byte or after STARTTLS."""

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
"""The services that mail clients use: clients verify certificates, sending mail servers do not."""
DIRECTORY_TLS: Mapping[str, str] = {"ldap": "ldap", "ldaps": "ldaps"}
"""The protocols of directory services (STARTTLS: RFC 4511 §4.14), as MAIL_TLS for mail hosts."""
TLS_SERVICES: Mapping[str, str] = {**MAIL_TLS, **DIRECTORY_TLS}
VERIFIED = FOR_CLIENTS | frozenset(DIRECTORY_TLS)
"""The services with clients that verify certificates, unlike sending mail servers."""
