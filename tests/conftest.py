"""How properties are tested: the same examples in every run, so that a red run can be repeated; more of them on request.

`PRIMUM_EXPLORE=2000 make test` draws that many new examples a property.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")
if explored := int(os.environ.get("PRIMUM_EXPLORE", "0")):
    settings.register_profile("exploring", max_examples=explored, derandomize=False, deadline=None, print_blob=True)
    settings.load_profile("exploring")
