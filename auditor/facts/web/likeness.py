"""Whether a page over IPv6 is the site that IPv4 shows: the code of ``ipv6.web.same-content`` and its values."""

from collections.abc import Sequence
from itertools import combinations

from auditor.facts.web import content
from auditor.facts.web.visits import Visit, host_of
from auditor.framework.context import Context
from auditor.framework.findings import Arg

_ID = "ipv6.web.same-content"


def compare(
    found: Visit, seen: Sequence[Visit], good: Sequence[Visit], foreign: bool, ctx: Context
) -> tuple[str, dict[str, Arg]]:
    """``seen`` and ``good`` are all pages of the address and of IPv4; ``foreign``: its certificate is another's."""
    here, there = [one.final for one in seen], [one.final for one in good]
    alike = max(content.similarity(one, other) for one in here for other in there)
    itself = min((content.similarity(one, other) for one, other in combinations(there, 2)), default=1.0)
    enough = ctx.policy.threshold(_ID, "min_similarity")
    if itself < enough:  # a site that changes by itself
        enough = max(0.0, itself - ctx.policy.threshold(_ID, "dynamic_margin"))
    title, titles = content.title(found.final.body), [content.title(one.body) for one in there]
    target, hosts = host_of(found.final.url), sorted({host_of(one.final.url) for one in good})
    percent: dict[str, Arg] = {"percent": int(alike * 100)}
    if content.is_default_page(found.final.body) and not any(content.is_default_page(one.body) for one in there):
        return "DEFAULT_PAGE", {"title": title}
    if alike < enough and foreign:
        return "OTHER_SITE", {}
    if target not in hosts:
        return "OTHER_PLACE", {"target": target, "expected": hosts[0]}
    if title not in titles and len(set(titles)) == 1:
        return "OTHER_TITLE", {"title": title, "expected": titles[0]}
    if alike >= enough:
        return "SAME", percent
    return ("DIFFERENT" if len(there) > 1 else "ONE_SAMPLE"), percent
