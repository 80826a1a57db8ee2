"""Declares operations of the API.

One decorator gives the route, the checks of a request and the entry in the OpenAPI document. Everything that is
described is also enforced here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from auditor.service.accounts.model import Account, Role, TokenGrant, TokenScope

ROOT = "/api/v1"
JSON = "application/json"
LARGEST_BODY = 64 * 1024


class EmptyModel(BaseModel):
    """Stands for an empty query or body."""

    model_config = ConfigDict(extra="forbid")


Q = TypeVar("Q", bound=BaseModel)
B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, B]):
    """Holds one checked request: its account, and its query and body as the declared models."""

    request: web.Request
    account: Account
    scopes: frozenset[TokenScope]
    query: Q
    body: B
    grant: TokenGrant
    data: bytes = b""
    """The body of an operation that takes a file."""

    def part(self, name: str) -> str:
        """Return a part of the path."""
        return self.request.match_info[name]


Answer = BaseModel | web.StreamResponse
Serve = Callable[[Call[Q, B]], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Describes one operation: its route, its models and its possible answers.

    ``name`` is the operationId and, as ``api_<name>``, the key of its summary. ``answer`` None: ``media`` is sent as a
    file. ``cached``: answers carry an ETag, and 304 is one of them. ``refusals``: statuses besides those that every
    operation has.
    """

    name: str
    method: str
    path: str
    tag: str
    role: Role
    scope: TokenScope
    serve: Callable[[Call[BaseModel, BaseModel]], Awaitable[Answer]]
    query: type[BaseModel] = EmptyModel
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    media: tuple[str, ...] = (JSON,)
    status: int = 200
    cached: bool = False
    refusals: frozenset[int] = frozenset()
    largest: int = LARGEST_BODY
    upload: str = ""
    """The media type of a body that is a file, in place of ``body``."""
    may_be_empty: bool = False
    """True if 204 is also an answer."""


@dataclass(slots=True)
class Operations:
    """Collects the operations of one module under one tag, in the order of its functions."""

    tag: str
    all: list[Operation] = field(default_factory=list)

    def get(
        self,
        path: str,
        *,
        answer: type[BaseModel] | None,
        query: type[Q],
        role: Role = Role.VIEWER,
        scope: TokenScope = TokenScope.READ,
        media: tuple[str, ...] = (JSON,),
        cached: bool = False,
        missing: bool = False,
        conflicts: bool = False,
    ) -> Callable[[Serve[Q, EmptyModel]], Serve[Q, EmptyModel]]:
        """Register a GET operation.

        ``missing``: 404 is also an answer, for a name that is unknown or hidden from the account.
        ``conflicts``: 409 is also an answer.
        """

        def keep(serve: Serve[Q, EmptyModel]) -> Serve[Q, EmptyModel]:
            refused = frozenset({404} if missing or "{" in path else ()) | ({409} if conflicts else frozenset())
            self._keep(
                serve,
                "GET",
                path,
                role,
                scope,
                query=query,
                answer=answer,
                media=media,
                cached=cached,
                refusals=refused,
            )
            return serve

        return keep

    def post(
        self,
        path: str,
        *,
        answer: type[BaseModel],
        body: type[B],
        role: Role,
        scope: TokenScope,
        status: int = 201,
        refusals: frozenset[int] = frozenset(),
        largest: int = LARGEST_BODY,
        upload: str = "",
        may_be_empty: bool = False,
    ) -> Callable[[Serve[EmptyModel, B]], Serve[EmptyModel, B]]:
        """Register a POST operation.

        ``upload``: the body is a file of this media type, ``Call.data``. ``may_be_empty``: 204 is also an answer.
        """

        def keep(serve: Serve[EmptyModel, B]) -> Serve[EmptyModel, B]:
            refused = refusals | ({404} if "{" in path else frozenset())
            self._keep(
                serve,
                "POST",
                path,
                role,
                scope,
                body=None if body is EmptyModel else body,
                answer=answer,
                status=status,
                largest=largest,
                refusals=refused,
                upload=upload,
                may_be_empty=may_be_empty,
            )
            return serve

        return keep

    def _keep(self, serve: object, method: str, path: str, role: Role, scope: TokenScope, **given: object) -> None:
        name = getattr(serve, "__name__", "")
        values: Mapping[str, object] = {
            "name": name,
            "method": method,
            "path": ROOT + path,
            "tag": self.tag,
            "role": role,
            "scope": scope,
            "serve": serve,
            **given,
        }
        self.all.append(Operation(**values))  # type: ignore[arg-type]  # the two above have checked the types
