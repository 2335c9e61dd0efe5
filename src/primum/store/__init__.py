"""Where records are kept: SQLite by default, PostgreSQL by URL; with their lineage, the ledger and the finished steps."""

from primum.store.database import FILE_NAME, Store
from primum.store.lineage import Trace, TraceGroup, TraceNode, render_lines, trace
from primum.store.summary import made_by, summary
from primum.store.writer import Writer

__all__ = [
    "FILE_NAME",
    "Store",
    "Trace",
    "TraceGroup",
    "TraceNode",
    "Writer",
    "made_by",
    "render_lines",
    "summary",
    "trace",
]
