"""Defines a route of the service with the least role that may use it. Requests for anything else get 404."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from auditor.service.accounts.model import Role
from auditor.service.web.api.operation import Operation

LARGEST_FORM = 64 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Describes a route. ``role`` None: for everybody, also before logging in. ``path`` as aiohttp writes it.

    ``operation``: one of the API, whose handler checks the token itself. ``largest``: bytes of a request to a page.
    """

    method: str
    path: str
    role: Role | None
    handler: Handler
    operation: Operation | None = None
    largest: int = LARGEST_FORM

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


class Routes:
    """Collects the routes of one module, in the order of its functions."""

    def __init__(self) -> None:
        self.all: list[Route] = []

    def get(self, path: str, role: Role | None = Role.VIEWER) -> Callable[[Handler], Handler]:
        return self._add("GET", path, role)

    def post(
        self, path: str, role: Role | None = Role.VIEWER, *, largest: int = LARGEST_FORM
    ) -> Callable[[Handler], Handler]:
        return self._add("POST", path, role, largest)

    def _add(
        self, method: str, path: str, role: Role | None, largest: int = LARGEST_FORM
    ) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            self.all.append(Route(method=method, path=path, role=role, handler=handler, largest=largest))
            return handler

        return keep
