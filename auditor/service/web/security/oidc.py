"""Logs people in by an OpenID provider: authorization code with PKCE (OpenID Connect Core §3.1, RFC 7636).

No value from the browser is trusted: the state is used once and only by the browser that it was given to, the code is
redeemed over our own connection, and the ID token must carry the provider's signature, our name and our nonce.
"""

import hashlib
import json
import secrets
import time
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from auditor.framework.operator_problems import OperatorError, OperatorProblem
from auditor.service.config.model import Config, OidcSection
from auditor.service.pipeline.credentials.secret_sources import read_secret

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a key that only the provider holds; never none, never a shared secret (RFC 8725 §3.1)."""
LEEWAY = 60
"""Seconds by which the clocks may differ."""
PATIENCE = 600.0
"""Seconds that a person may take at the provider."""
_MOST = 10_000
_NONCE = 12
_LONGEST_HELD = 2_000
_FRESH = 3_600.0
_LARGEST = 1024 * 1024
_TIMEOUT = ClientTimeout(total=10.0)


M = TypeVar("M", bound=BaseModel)


class IdentityNotConfirmed(Exception):
    """Raised if the provider's answer cannot be trusted. The message is for the log."""


class LoginNotBegun(IdentityNotConfirmed):
    """Raised if no login was begun in this browser."""


class _ProviderDocument(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Discovery(_ProviderDocument):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Redeemed(_ProviderDocument):
    id_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginFlow:
    """Describes one login in progress.

    ``session``: the digest of the session in which the user must authenticate again; empty for a login.
    """

    state: str
    nonce: str
    verifier: str
    began: float
    session: str = ""


class LoginFlows:
    """Holds logins in progress, each in its own browser, encrypted with a key that the service forgets when it ends.

    So nothing is kept here of logins that strangers begin, and however many these are, no other is dropped.

    A state is used once. Used states are remembered as long as they could be used again, at most ``_MOST`` of them:
    each needs a code of the provider, which is worth nothing the second time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key = AESGCM(AESGCM.generate_key(256))
        self._used: OrderedDict[str, float] = OrderedDict()

    def begin(self, session: str = "") -> tuple[str, str, LoginFlow]:
        """Return the state, the value for the browser to hold, and the flow."""
        flow = LoginFlow(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            began=self._clock(),
            session=session,
        )
        nonce = secrets.token_bytes(_NONCE)
        held = nonce + self._key.encrypt(nonce, json.dumps(asdict(flow)).encode(), None)
        return flow.state, urlsafe_b64encode(held).decode(), flow

    def take(self, state: str, held: str) -> LoginFlow:
        """Return the flow that this browser began. Raises LoginNotBegun for one that it did not begin here."""
        flow = self._opened(held)
        if not secrets.compare_digest(flow.state.encode(), state.encode()):
            raise LoginNotBegun("the login was begun by another browser, or is another one")
        if self._clock() - flow.began > PATIENCE:
            raise LoginNotBegun("the login took too long")
        if flow.state in self._used:
            raise LoginNotBegun("the state was used before")
        self._remember(flow)
        return flow

    def _opened(self, held: str) -> LoginFlow:
        try:
            raw = urlsafe_b64decode(held[:_LONGEST_HELD].encode())
            return LoginFlow(**json.loads(self._key.decrypt(raw[:_NONCE], raw[_NONCE:], None)))
        except (InvalidTag, ValueError, TypeError) as error:
            raise LoginNotBegun("the browser holds no login that was begun here") from error

    def _remember(self, flow: LoginFlow) -> None:
        self._used[flow.state] = flow.began
        over = self._clock() - PATIENCE
        while len(self._used) > _MOST or (self._used and next(iter(self._used.values())) < over):
            self._used.popitem(last=False)


class Provider:
    """Logs people in at the configured provider. ``secret``: the client's, None for a public client."""

    def __init__(self, section: OidcSection, secret: str | None) -> None:
        self._section, self._secret = section, secret
        self.flows = LoginFlows()
        self._discovery: tuple[float, _Discovery] | None = None
        self._keys: KeySet | None = None

    @property
    def back(self) -> str:
        return f"{self._section.public_url.rstrip('/')}/login/oidc/back"

    async def leave(self, session: str = "") -> tuple[str, str]:
        """Return the address to send the browser to, and the value that it must hold until it comes back.

        For a ``session`` (its digest) the provider has to authenticate the user again, even one it remembers (OpenID
        Connect Core §3.1.2.1).
        """
        async with _client() as client:
            known = await self._discovered(client)
        state, held, flow = self.flows.begin(session)
        asked = {
            "response_type": "code",
            "client_id": self._section.client_id,
            "redirect_uri": self.back,
            "scope": " ".join(self._section.scopes),
            "state": state,
            "nonce": flow.nonce,
            "code_challenge": _challenge(flow.verifier),
            "code_challenge_method": "S256",
        } | ({"prompt": "login", "max_age": "0"} if session else {})
        if self._section.acr:
            asked["acr_values"] = " ".join(self._section.acr)
        mark = "&" if urlsplit(known.authorization_endpoint).query else "?"
        return f"{known.authorization_endpoint}{mark}{urlencode(asked)}", held

    async def come_back(self, query: Mapping[str, str], held: str) -> tuple[Mapping[str, object], str]:
        """Return the claims of the login, and the session that it proves, if any. Raises IdentityNotConfirmed."""
        flow = self.flows.take(query.get("state", ""), held)
        if query.get("iss", self._section.issuer) != self._section.issuer:  # RFC 9207 §2.4
            raise IdentityNotConfirmed("the answer is of another issuer")
        code = query.get("code", "")
        if not code:
            raise IdentityNotConfirmed(f"the provider answered {query.get('error', 'nothing')[:100]!r}")
        async with _client() as client:
            known = await self._discovered(client)
            token = await self._redeemed(client, known, code, flow)
            claims = await self._checked(client, known, token, flow)
        if flow.session:
            _must_be_fresh(claims)
        return claims, flow.session

    async def _discovered(self, client: ClientSession) -> _Discovery:
        if self._discovery is None or time.monotonic() - self._discovery[0] > _FRESH:
            where = f"{self._section.issuer.rstrip('/')}/.well-known/openid-configuration"
            discovery = await _asked(client, where, _Discovery)
            if discovery.issuer != self._section.issuer:
                raise IdentityNotConfirmed("the provider says that it is another issuer")
            for url in (discovery.authorization_endpoint, discovery.token_endpoint, discovery.jwks_uri):
                _must_be_private(url)
            self._discovery = (time.monotonic(), discovery)
        return self._discovery[1]

    async def _redeemed(self, client: ClientSession, known: _Discovery, code: str, flow: LoginFlow) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "client_id": self._section.client_id,
            "code_verifier": flow.verifier,
        }
        headers = {} if self._secret is None else {"Authorization": _basic(self._section.client_id, self._secret)}
        return (await _asked(client, known.token_endpoint, _Redeemed, form=form, headers=headers)).id_token

    async def _checked(
        self, client: ClientSession, known: _Discovery, token: str, flow: LoginFlow
    ) -> Mapping[str, object]:
        """Check the ID token and return its claims (OpenID Connect Core §3.1.3.7).

        Keys are fetched again once: the provider may have changed them.
        """
        for fresh in (False, True):
            if self._keys is None or fresh:
                self._keys = await _keys(client, known.jwks_uri)
            try:
                claims = jwt.decode(token, self._keys, algorithms=list(ALGORITHMS)).claims
                break
            except (JoseError, ValueError, TypeError, KeyError) as error:
                if fresh:
                    raise IdentityNotConfirmed(f"the signature is not good: {type(error).__name__}") from error
        else:
            raise IdentityNotConfirmed("unreachable")
        _must_hold(claims, self._section, flow.nonce)
        return claims


def of_config(config: Config, environment: Mapping[str, str]) -> Provider | None:
    """Return the configured provider; None without one. Raises OperatorError if the client's secret is missing."""
    section = config.oidc
    if section is None:
        return None
    problems: list[OperatorProblem] = []
    reference = section.client_secret
    secret = None if reference is None else read_secret(reference, environment, problems, at="oidc.client_secret")
    if problems:
        raise OperatorError(problems)
    return Provider(section, secret)


def _must_hold(claims: Mapping[str, object], section: OidcSection, nonce: str) -> None:
    named = jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": section.issuer},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        aud={"essential": True, "value": section.client_id},
        nonce={"essential": True, "value": nonce},
    )
    try:
        named.validate(dict(claims))
    except JoseError as error:
        raise IdentityNotConfirmed(f"a claim is not good: {error.description or type(error).__name__}") from error
    if section.acr and claims.get("acr") not in section.acr:
        raise IdentityNotConfirmed("the provider looked at who it is less strongly than is wanted (acr)")
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != section.client_id:
        raise IdentityNotConfirmed("the token was made for another client too")


def _must_be_fresh(claims: Mapping[str, object]) -> None:
    """Raise IdentityNotConfirmed unless the provider really asked again (OpenID Connect Core §3.1.3.7, 13)."""
    told = claims.get("auth_time")
    if not isinstance(told, int | float) or time.time() - told > PATIENCE + LEEWAY:
        raise IdentityNotConfirmed("the provider does not say that it asked again (auth_time)")


def _client() -> ClientSession:
    return ClientSession(timeout=_TIMEOUT, max_line_size=8_190)


async def _asked(
    client: ClientSession,
    url: str,
    model: type[M],
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> M:
    try:
        return model.model_validate_json(await _fetched(client, url, form=form, headers=headers))
    except ValidationError as error:
        raise IdentityNotConfirmed(f"{url} answered something else") from error


async def _keys(client: ClientSession, url: str) -> KeySet:
    try:
        return KeySet.import_key_set(json.loads(await _fetched(client, url)))
    except (ValueError, KeyError, TypeError, JoseError) as error:
        raise IdentityNotConfirmed("the provider's keys cannot be read") from error


async def _fetched(
    client: ClientSession, url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    method = "GET" if form is None else "POST"
    try:
        async with client.request(method, url, data=form, headers=headers, allow_redirects=False) as answer:
            data = bytearray()
            async for piece in answer.content.iter_chunked(65_536):
                data += piece
                if len(data) > _LARGEST:
                    raise IdentityNotConfirmed(f"{url} answered too much")
            if answer.status != 200:
                raise IdentityNotConfirmed(f"{url} answered {answer.status}")
            return bytes(data)
    except (ClientError, TimeoutError) as error:
        raise IdentityNotConfirmed(f"{url} cannot be reached: {type(error).__name__}") from error


def _must_be_private(url: str) -> None:
    """Refuse an address without TLS, unless it is of this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("::1", "127.0.0.1")):
        raise IdentityNotConfirmed("the provider names an address without TLS")


def _basic(client: str, secret: str) -> str:
    """Return the Authorization header of a client, with both values as a form would carry them (RFC 6749 §2.3.1)."""
    return "Basic " + b64encode(f"{quote_plus(client)}:{quote_plus(secret)}".encode()).decode()


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
