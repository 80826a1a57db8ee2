"""Records a dialogue with one address of a mail exchanger, up to STARTTLS and never a message."""

from collections.abc import Sequence

from probes.framework.evidence import Observation
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.mail import SmtpDialogue


def _differ(steps: Sequence[Observation]) -> bool:
    """Whether addresses of one host offer different things, or show different certificates."""
    spoken = [step for step in steps if isinstance(step, SmtpDialogue) and step.greeted]
    return len({(frozenset(step.extensions), step.starttls, step.chain[:1]) for step in spoken}) > 1


@endpoint_probe(
    version=1,
    title="SMTP dialogue up to STARTTLS",
    records=(SmtpDialogue,),
    services=frozenset({"smtp"}),
    retry="mail",
    deadline=300.0,
    differs=_differ,
)
async def smtp(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """One connection in a round: it also tells whether the port is open, so that no other probe connects before."""
    await net.smtp(rec, task.endpoint)
