"""Holds the English texts of the grid of vantages, by their context in the catalogues. Data only."""

from collections.abc import Mapping

MESH_WORDS: Mapping[str, str] = {
    "mesh_state/good": "answers",
    "mesh_state/lossy": "answers with loss",
    "mesh_state/down": "does not answer",
    "mesh_state/unknown": "not seen",
    "mesh_state/no_address": "no address of this family",
    "mesh_state/itself": "itself",
    "mesh_port/open": "open",
    "mesh_port/closed": "closed",
    "mesh_port/silent": "no answer",
    "mesh_port/unknown": "not asked",
    "mesh_hint/uplink": (
        "{name} is reached by none of the {count:n} {count/other/others} that tried, over any family: look at its"
        " uplink first (line, terminal device, power)."
    ),
    "mesh_hint/family": (
        "{name} is reached by none of the {count:n} {count/other/others} over IPv{family}, though it answers over the"
        " other family: look at its addresses and routes of IPv{family}."
    ),
    "mesh_hint/core": (
        "Over IPv{family} no vantage reaches any other ({count:n} {count/way/ways}): look at the core of the"
        " network, not at the sites."
    ),
    "mesh_hint/outgoing": (
        "{name} is reached over IPv{family} and reaches none of the {count:n} {count/other/others} itself: look at"
        " what its own filters and routes do with what it sends."
    ),
    "mesh_hint/pair": (
        "{name} and {other} do not reach each other over IPv{family}, and other points reach both: look at the way"
        " between these two."
    ),
    "mesh_hint/one_way": (
        "{name} does not reach {other} over IPv{family}, though {other} reaches {name}: look for a filter in front of"
        " {other}."
    ),
    "mesh_hint/half_seen": (
        "{name} does not reach {other} over IPv{family}; the other direction was not seen, so nothing tells whose end"
        " it is."
    ),
    "mesh_hint/loss": (
        "Every way to {name} over IPv{family} loses packets ({count:n} {count/way/ways}): look at its line for errors"
        " and overload."
    ),
    "mesh_hint/no_word": "{name} has sent no samples: what it sees is not known and counts against no one.",
}
