"""What sways a judge that should not: the same answer, dressed otherwise, judged again."""

from primum.judging.probes.calls import CallSize, choose_call_size
from primum.judging.probes.injections import INJECTIONS, Injection
from primum.judging.probes.run import PROBES, Probed, ProbeSettings, Swayed, run_probes

__all__ = [
    "INJECTIONS",
    "PROBES",
    "CallSize",
    "Injection",
    "ProbeSettings",
    "Probed",
    "Swayed",
    "choose_call_size",
    "run_probes",
]
