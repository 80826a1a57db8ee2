"""Asks for the password and the second factor again before a grave action.

So a session that was left open, or stolen, makes no account, token or login that outlives it. After a success the same
session is not asked again for a few minutes (``GRACE``). Accounts of the OpenID provider are asked there. The session
gets a new secret afterwards: a copy of the old one is worth nothing.
"""

from functools import partial

from aiohttp.web import Request

from auditor.service.web.forms.sent_forms import field
from auditor.service.web.security.guard import remote, this_session
from auditor.service.web.site import RENEWED, account_of, site_of


async def prove(request: Request, given_in: str = "password") -> None:
    """Check the password and the second factor. ``given_in``: the form field with the password. Raises AccessError."""
    session, site = account_of(request), site_of(request)
    if session.proved:
        return
    given, code = await field(request, given_in), await field(request, "own_code")
    work = partial(site.accounts.prove, code=code, session=this_session(request))
    request[RENEWED] = await site.hashing.run(work, session.account, given, remote(request))
