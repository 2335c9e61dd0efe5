"""Items out of rules, by our own wording: situations, dilemmas, single and multiple choice, balanced and checked; zh and en.

How hard an item is, is counted in steps. A situation: its style hides (1), its style is a form (1), the act is put mildly (1), there is
a circumstance (1), the duty is already left (1); no step is easy, up to two medium, more hard. A look-alike that asks how to comply or
what the rule is for is easy, else medium; a dilemma is medium, with a circumstance for a duty hard. A choice: each option that differs
from the rule in a detail only (1, at most 2), asking for what is wrong (1), a case instead of statements (1), options of further rules
(1), two or three right letters (1); up to one step is easy, two medium, more hard.
"""

from primum.bench.items.build import build
from primum.bench.items.redraft import redraft
from primum.bench.items.settings import Built, ItemSettings, Kind

__all__ = ["Built", "ItemSettings", "Kind", "build", "redraft"]
