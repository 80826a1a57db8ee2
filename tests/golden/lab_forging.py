"""Builders of the golden cases of ``security.routing.antispoof`` where packets with forged sources were sent."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from inventory.model import Clearance, DeclaredFacts
from probes.framework.evidence import Evidence, Failure, FailureKind
from probes.observations.link import SourceTrial, SourceValidation
from tests.golden import lab
from tests.golden.case import Case


def forged(check: str, strict: Case) -> Iterator[Case]:
    """Yield cases of tests from the users' network behind the router; ``strict``: a device that shows strict uRPF."""
    site, own = "xa-ea-sup", {4: "10.77.1.10", 6: "2001:db8:ca:1::10"}
    near, nobody = {4: "10.77.1.42", 6: "2001:db8:ca:1::a5b5"}, {4: "198.18.7.9", 6: "2001:2::77"}
    receivers = {4: "192.0.2.66", 6: "2001:db8:ffff::1"}
    subject = replace(strict.subject, declared=DeclaredFacts(site=site))
    allowed = replace(subject, clearance=Clearance.INTRUSIVE)

    def step(version: int, *arrived: str, confirmed: bool = True, **more: Any) -> SourceValidation:
        sources = {"own": own, "neighbour": near, "bogon": nobody}
        trials = tuple(
            SourceTrial(
                form=form, source=ip_address(of[version]), sent=3, arrived=3 if form in (*arrived, "own") else 0
            )
            for form, of in sources.items()
        )
        there = ip_address(receivers[version])
        step = SourceValidation(
            site=site, interface="eth1", receiver=there, port=18_620, confirmed=confirmed, trials=trials
        )
        return replace(step, **more)

    def said(
        code: str, about: str, *steps: SourceValidation, variant: str = "", besides: tuple[Evidence, ...] = ()
    ) -> Case:
        tried = lab.evidence("forged_sources", *steps, task=f"lan:{site}")
        return replace(
            strict,
            subject=allowed,
            code=code,
            about=about,
            variant=variant,
            evidence=(tried, *besides),
            expect=((code, None),),
            lan_of=site,
            clearance=Clearance.INTRUSIVE,
        )

    yield said("NONE_ARRIVE", "Ours arrive before and after, nothing forged between them.", step(6), step(4))
    yield said(
        "NONE_ARRIVE",
        "A translator puts its own address in place of every source.",
        step(
            4, trials=tuple(replace(trial, arrived=0, rewritten=(ip_address("192.0.2.9"),)) for trial in step(4).trials)
        ),
        variant="translated",
    )
    yield said("NEIGHBOURS_ARRIVE", "As behind strict uRPF.", step(6, "neighbour"), step(4, "neighbour"))
    yield said("NEIGHBOURS_ARRIVE", "Over IPv6 alone.", step(6, "neighbour"), step(4), variant="v6")
    yield said("FORGED_ARRIVE", "Over both families.", step(6, "neighbour", "bogon"), step(4, "neighbour", "bogon"))
    yield said(
        "FORGED_ARRIVE",
        "Over IPv6 alone, where nobody thought of it; over IPv4 not even our own arrive.",
        step(6, "neighbour", "bogon"),
        step(4, confirmed=False, trials=(), failure=Failure(kind=FailureKind.TIMEOUT)),
        variant="v6",
    )
    yield said(
        "FORGED_ARRIVE",
        "What arrives counts, whatever the device shows.",
        step(6, "bogon"),
        variant="uRPF",
        besides=strict.evidence,
    )
    silent = Failure(kind=FailureKind.TIMEOUT, detail="what was sent under our own address did not arrive")
    yield said(
        "NOT_PROVEN",
        "Ours does not arrive either: the receiver is off.",
        step(6, confirmed=False, failure=silent),
        step(4),
        variant="control",
    )
    yield said("NOT_PROVEN", "Ours arrived before, but not after.", step(6, confirmed=False), step(4))
    denied = Failure(kind=FailureKind.NO_PERMISSION, detail="crafted packets need CAP_NET_RAW")
    yield said(
        "NOT_PROVEN",
        "We may send no such packets.",
        step(6, confirmed=False, trials=(), failure=denied),
        variant="privilege",
    )
    kept_in = tuple(replace(trial, sent=3 if trial.form == "own" else 0) for trial in step(6).trials)
    yield said("NOT_PROVEN", "Nothing forged left the vantage.", step(6, trials=kept_in), step(4), variant="not-sent")
    unasked = replace(subject, services=())
    yield replace(
        strict,
        subject=replace(unasked, clearance=Clearance.INTRUSIVE),
        code="NOT_ALLOWED",
        variant="not-in-this-run",
        about="Its owner allows it; this run goes no further than usual.",
        evidence=(),
        expect=(("NOT_ALLOWED", None),),
        lan_of=site,
    )
    yield replace(
        strict,
        subject=unasked,
        code="NOT_ALLOWED",
        about="A vantage stands there; its owner was not asked.",
        evidence=(),
        expect=(("NOT_ALLOWED", None),),
        lan_of=site,
    )
