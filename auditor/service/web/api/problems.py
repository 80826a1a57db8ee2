"""Answers refused API requests with problem details (RFC 9457), in the language that the program asks for."""

from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from auditor.service.web.rendering.render import texts_in
from auditor.service.web.words.lookup import say
from auditor.texts.translate import LANGUAGES

PROBLEM = "application/problem+json"
_MOST = 20
"""The largest number of mistakes in one answer."""
_CODES = {
    400: "bad_request",
    401: "no_token",
    403: "forbidden",
    404: "not_found",
    405: "bad_method",
    409: "conflict",
    413: "too_large",
    415: "not_json",
    422: "not_valid",
    429: "too_many",
    503: "not_available",
}


class Mistake(BaseModel):
    """Describes a mistake in English, with the path of keys to it."""

    model_config = ConfigDict(extra="forbid")
    where: list[str]
    what: str


class Problem(BaseModel):
    """RFC 9457. ``type`` is always about:blank, so ``title`` is the status's own phrase; ``code`` is for programs,
    ``detail`` for people."""

    model_config = ConfigDict(extra="forbid")
    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[Mistake] = []


class Refused(Exception):
    """Refuses a request; ``code`` is a key of ``api_…`` words where the status's own phrase says too little."""

    def __init__(self, status: int, code: str = "", errors: Sequence[Mistake] = ()) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.errors = status, code or _CODES.get(status, "broken"), tuple(errors)


def mistakes(error: ValidationError) -> list[Mistake]:
    """Convert the validation errors of a model; the values that were sent are not repeated."""
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    return [Mistake(where=[_tidy(str(part)) for part in one["loc"]], what=_tidy(one["msg"])) for one in errors[:_MOST]]


def _tidy(text: str) -> str:
    return text[:300].encode("utf-8", "backslashreplace").decode()


def asked_language(request: web.Request, default: str) -> str:
    """Return the first known language of Accept-Language (RFC 9110 §12.5.4, without its weights), else ``default``."""
    for part in request.headers.get("Accept-Language", "").split(","):
        word = part.partition(";")[0].strip().lower().partition("-")[0]
        if word in LANGUAGES:
            return word
    return default


def answer(request: web.Request, refused: Refused, default: str, headers: dict[str, str] | None = None) -> web.Response:
    detail = say(texts_in(asked_language(request, default)), f"api_{refused.code}")
    made = Problem(
        type="about:blank",
        title=HTTPStatus(refused.status).phrase,
        status=refused.status,
        code=refused.code,
        detail=detail,
        errors=list(refused.errors),
    )
    sent = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else {}
    return web.Response(
        body=made.model_dump_json().encode(),
        status=refused.status,
        content_type=PROBLEM,
        headers={**sent, **(headers or {})},
    )
