"""Files to sources and norms: a folder of statutes, codes and guidelines, read so that every article is accounted for."""

from primum.corpus.accounting import Accounting, account
from primum.corpus.reading import Corpus, CorpusSettings, read_corpus
from primum.corpus.search import NormIndex

__all__ = ["Accounting", "Corpus", "CorpusSettings", "NormIndex", "account", "read_corpus"]
