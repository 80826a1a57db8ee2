"""Content-Security-Policy as a browser reads it: which sources of scripts the policies of an answer let through."""

from collections.abc import Mapping

from probes.observations.web import HttpExchange

Policy = Mapping[str, tuple[str, ...]]

ENFORCED, REPORTED = "content-security-policy", "content-security-policy-report-only"
_WIDE = frozenset({"*", "http:", "https:", "data:", "blob:", "http://*", "https://*"})


def policies(answer: HttpExchange, header: str = ENFORCED) -> list[Policy]:
    """Every policy of an answer; several headers, or commas in one, are policies that all apply (CSP3 §2.2.2)."""
    sent = [value for name, value in answer.headers if name.lower() == header]
    return [parsed for value in sent for text in value.split(",") if (parsed := _parse(text))]


def unsafe(found: list[Policy]) -> tuple[str, ...]:
    """What every one of the policies lets through and none should, as a browser of today applies them."""
    if not found:
        return ()
    through = [_unsafe(policy) for policy in found]
    return min(through, key=lambda words: (len(words), words))


def _parse(text: str) -> dict[str, tuple[str, ...]]:
    policy: dict[str, tuple[str, ...]] = {}
    for directive in text.split(";"):
        name, *words = directive.split()[:200] or [""]
        if name:
            policy.setdefault(name.lower(), tuple(word.lower() for word in words))  # the first one counts
    return policy


def _unsafe(policy: Policy) -> tuple[str, ...]:
    sources = policy.get("script-src-elem", policy.get("script-src", policy.get("default-src")))
    if sources is None:
        return ("script-src",)
    named = any(word.startswith(("'nonce-", "'sha256-", "'sha384-", "'sha512-")) for word in sources)
    strict = named and "'strict-dynamic'" in sources
    through = [word for word in sources if word in _WIDE and not strict]
    if "'unsafe-inline'" in sources and not named:
        through.append("'unsafe-inline'")
    evaluated = policy.get("script-src", policy.get("default-src", ()))
    if "'unsafe-eval'" in evaluated:
        through.append("'unsafe-eval'")
    return tuple(sorted(set(through)))
