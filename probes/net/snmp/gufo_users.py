"""Prepares users of version 3 for gufo-snmp: hashes passphrases once, localises keys once per engine (RFC 3414 §2.6).

A master key takes 1.5 ms and more, and is kept by algorithm and passphrase. Localising takes less than a microsecond,
as long as looking it up does not cost more: the keys of an engine are kept with their user, by the engine's id alone.
"""

from gufo.snmp import User as Keys
from gufo.snmp import user as keys

from probes.net.snmp.profiles import Secret, SnmpProfile

UserKeys = tuple[str, int, bytes, int, bytes]
"""The library's form of a user: name, algorithm and key of authentication, algorithm and key of privacy."""
ENGINES = 20_000
"""The number of engines for which a user's keys are kept; devices choose their ids."""
_AUTH: dict[str, type[keys.BaseAuthKey]] = {
    "md5": keys.Md5Key,
    "sha1": keys.Sha1Key,
    "sha224": keys.Sha224Key,
    "sha256": keys.Sha256Key,
    "sha384": keys.Sha384Key,
    "sha512": keys.Sha512Key,
}
_PRIV: dict[str, type[keys.BasePrivKey]] = {
    "des": keys.DesKey,
    "aes128": keys.Aes128Key,
    "aes192": keys.Aes192Key,
    "aes256": keys.Aes256Key,
}
_LOCALISED = keys.KeyType.Localized


class Users:
    """Holds the users of one engine object, by profile."""

    def __init__(self) -> None:
        self._users: dict[SnmpProfile, User] = {}
        self._masters: dict[tuple[str, Secret], bytes] = {}

    def of(self, profile: SnmpProfile) -> "User":
        user = self._users.get(profile)
        if user is None:
            auth = self._master(profile, profile.auth_key)
            priv = None if auth is None else self._master(profile, profile.priv_key)
            user = self._users[profile] = User(profile, auth, priv)
        return user

    def clear(self) -> None:
        self._users.clear()
        self._masters.clear()

    def _master(self, profile: SnmpProfile, secret: Secret | None) -> bytes | None:
        """Return the master key of a secret, None without; both use the authentication hash (RFC 3826 §1.2)."""
        if profile.auth is None or secret is None:
            return None
        if (profile.auth, secret) not in self._masters:
            made = _AUTH[profile.auth].get_master_key(secret.reveal().encode())
            self._masters[profile.auth, secret] = made
        return self._masters[profile.auth, secret]


class User:
    """Holds one user; ``auth`` and ``priv`` are master keys, None without."""

    def __init__(self, profile: SnmpProfile, auth: bytes | None, priv: bytes | None) -> None:
        self._profile = profile
        self._auth = auth
        self._priv = priv
        self._localised: dict[bytes, UserKeys] = {}

    def keys(self, engine_id: bytes) -> UserKeys:
        """Return the keys at that engine."""
        found = self._localised.get(engine_id)
        if found is None:
            if len(self._localised) >= ENGINES:
                self._localised.clear()
            user = self._at(engine_id)
            found = self._localised[engine_id] = (
                user.name,
                user.get_auth_alg(),
                user.get_auth_key(),
                user.get_priv_alg(),
                user.get_priv_key(),
            )
        return found

    def _at(self, engine_id: bytes) -> Keys:
        profile = self._profile
        if profile.auth is None or self._auth is None:
            return Keys(profile.user)
        kind = _AUTH[profile.auth]
        auth = kind(kind.get_localized_key(self._auth, engine_id), key_type=_LOCALISED)
        if profile.priv is None or self._priv is None:
            return Keys(profile.user, auth_key=auth)
        own = kind.get_localized_key(self._priv, engine_id)
        return Keys(profile.user, auth_key=auth, priv_key=_PRIV[profile.priv](own, key_type=_LOCALISED))
