"""Norms to rules: who may, must or must not do what, when, and what follows otherwise."""

from primum.corpus.rules.extraction import RULES_VERSION, extract

__all__ = ["RULES_VERSION", "extract"]
