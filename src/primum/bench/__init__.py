"""Norms and imported sets into situations: drafted by rule, imported, tied to norms, split without leaks."""

from primum.bench.catalogue import CATALOGUE, DataSet, RemoteFile, folder_digest
from primum.bench.crosswalk import with_norms
from primum.bench.dev import hold_back_dev
from primum.bench.draft import DraftSettings, draft
from primum.bench.fetch import Held, add, fetch, held
from primum.bench.imported import Imported
from primum.bench.importers import load_cares, load_healthbench, load_huatuo, load_medquad, load_medsafetybench
from primum.bench.leaks import leaks
from primum.bench.liveqa import load_liveqa
from primum.bench.mapped import MappedSet, MappingSettings, load_mapped
from primum.bench.split import SplitResult, SplitSettings, split
from primum.bench.xstest import load_xstest

__all__ = [
    "CATALOGUE",
    "DataSet",
    "DraftSettings",
    "Held",
    "Imported",
    "MappedSet",
    "MappingSettings",
    "RemoteFile",
    "SplitResult",
    "SplitSettings",
    "add",
    "draft",
    "fetch",
    "folder_digest",
    "held",
    "hold_back_dev",
    "leaks",
    "load_cares",
    "load_healthbench",
    "load_huatuo",
    "load_liveqa",
    "load_mapped",
    "load_medquad",
    "load_medsafetybench",
    "load_xstest",
    "split",
    "with_norms",
]
