"""Guided self-revision: critique by the rubric, rewrite, judge again, keep only what is surely better; and choosing among answers."""

from primum.revision.guided.chat import ChatWriter
from primum.revision.guided.choosing import Candidates, Choice, Ranking, best_of, rerank
from primum.revision.guided.composed import ComposedWriter
from primum.revision.guided.contract import Critiqued, Failed, Revised, RevisionCase, Spent, Tried, Writer, Written
from primum.revision.guided.gains import gain_report
from primum.revision.guided.policy import PolicyWriter
from primum.revision.guided.revise import revise
from primum.revision.guided.scripted import SimulatedJudge, SimulatedWriter, satisfied_in, simulated_text
from primum.revision.guided.settings import RevisionSettings, WritingSettings

__all__ = [
    "Candidates",
    "ChatWriter",
    "Choice",
    "ComposedWriter",
    "Critiqued",
    "Failed",
    "PolicyWriter",
    "Ranking",
    "Revised",
    "RevisionCase",
    "RevisionSettings",
    "SimulatedJudge",
    "SimulatedWriter",
    "Spent",
    "Tried",
    "Writer",
    "WritingSettings",
    "Written",
    "best_of",
    "gain_report",
    "rerank",
    "revise",
    "satisfied_in",
    "simulated_text",
]
