"""Before something grave: the password, and the code of the second factor, are asked for again.

So a session that was left open, or stolen, makes no account, no token and no way in that outlives it. Whoever showed it
is not asked another time in the same session for a few minutes (``GRACE``). Whoever logs in by the OpenID provider is
asked there. The session is another one after it was shown: what somebody copied before is worth nothing.
"""

from functools import partial

from aiohttp.web import Request

from auditor.service.web.guard import remote, this_session
from auditor.service.web.pages.entry import field
from auditor.service.web.site import RENEWED, account_of, site_of


async def prove(request: Request, given_in: str = "password") -> None:
    """``given_in``: the field of the form with the password. Raises AccessError."""
    session, site = account_of(request), site_of(request)
    if session.proved:
        return
    given, code = await field(request, given_in), await field(request, "own_code")
    work = partial(site.access.prove, code=code, session=this_session(request))
    request[RENEWED] = await site.hashing.run(work, session.account, given, remote(request))
