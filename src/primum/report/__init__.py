"""The report people read: one HTML file that opens offline, and the table a run ends with in a terminal.

A shell: it receives the plain dictionary that is also written as `report.json` and shows it. It decides nothing and measures
nothing; what it calls better or worse follows from the interval of the difference alone.
"""

from primum.report.files import write
from primum.report.kinds import render, summary

__all__ = ["render", "summary", "write"]
