"""Lists which services of mail and of directories speak TLS, from the first byte or behind STARTTLS."""

from collections.abc import Mapping

from probes.framework.mail_services import FOR_CLIENTS, MAIL_TLS

DIRECTORY_TLS: Mapping[str, str] = {"ldap": "ldap", "ldaps": "ldaps"}
"""Of directories (STARTTLS: RFC 4511 §4.14), as MAIL_TLS is of mail hosts."""
TLS_SERVICES: Mapping[str, str] = {**MAIL_TLS, **DIRECTORY_TLS}
VERIFIED = FOR_CLIENTS | frozenset(DIRECTORY_TLS)
"""Those whose clients verify certificates, as senders of mail do not."""
