"""What may be released: the gate over a report, and the check of the ledger."""

from primum.governance.gate import GateRule, GateSettings, decide
from primum.ledger import Verification, verify_chain

__all__ = ["GateRule", "GateSettings", "Verification", "decide", "verify_chain"]
