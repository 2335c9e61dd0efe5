"""The catalogue of open sets: what each is, under which licence, where its authors keep it, and how it is recognised.

A download address stands here only where the authors' own public files are known byte for byte; for the others `fetch` says where
to get the set and how to register a folder of it. The checksums of MedSafetyBench and XSTest are those of the copies our figures
were measured on, that of HealthBench the one users of it report. `known_digests` are those of the folders our figures were measured
on (parts of the sets); a folder with another digest is as welcome.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from primum.bench.importers import load_cares, load_healthbench, load_huatuo, load_medquad, load_medsafetybench
from primum.bench.liveqa import load_liveqa
from primum.bench.rows import read_lines
from primum.bench.xstest import load_xstest
from primum.errors import InputError, SettingError

__all__ = ["CATALOGUE", "DataSet", "RemoteFile", "data_set", "folder_digest"]


class RemoteFile(NamedTuple):
    """A file of a set: its path in the set's folder, its address, its size (`None`: unknown) and its SHA-256."""

    path: str
    url: str
    size_bytes: int | None
    sha256: str


class DataSet(NamedTuple):
    """An open set. `count` reads a folder of it with its loader and returns how many situations (or articles) it holds.

    `rows` and `size_bytes` are of the set as published, `None` where they are not known. `shape` says what the folder must hold.
    """

    name: str
    title: str
    licence: str
    paper: str
    home: str
    rows: int | None
    shape: str
    loader: str
    count: Callable[[Path], int]
    files: tuple[RemoteFile, ...] = ()
    known_digests: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int | None:
        """The size of what `fetch` downloads; `None` when there is nothing to download or a size is not known."""
        sizes = [file.size_bytes for file in self.files]
        return sum(size for size in sizes if size is not None) if sizes and None not in sizes else None


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of the files of a folder, in the order of their names."""
    digest = hashlib.sha256()
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    for name in sorted(files):
        digest.update(f"{name}\0{hashlib.sha256(files[name].read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def data_set(name: str) -> DataSet:
    """The set of that name. Raises `SettingError` with the names there are."""
    if name not in CATALOGUE:
        raise SettingError(
            f"set '{name}'", "is not in the catalogue", f"choose one of {', '.join(CATALOGUE)}", "catalogue"
        )
    return CATALOGUE[name]


def _count_articles(folder: Path) -> int:
    opening = re.compile(r"第[零〇一二三四五六七八九十百千]+条")
    count = 0
    for path in sorted(folder.glob("*.md")):
        count += sum(1 for row in read_lines(path) if opening.match(str(row.values["line"])))
    if not count:
        raise InputError(
            f"folder '{folder.name}'", "has no Markdown file with articles", "name a folder of law texts", str(folder)
        )
    return count


def _count_healthbench(folder: Path) -> int:
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise InputError(
            f"folder '{folder.name}'", "has no .jsonl file", "name a folder that holds the set", str(folder)
        )
    return sum(len(load_healthbench(file).scenarios) for file in files)


_MEDSAFETYBENCH: Final = "https://raw.githubusercontent.com/AI4LIFE-GROUP/med-safety-bench/main/datasets"
_MEDSAFETYBENCH_FILES: Final = (
    ("test/gpt4/category_1.csv", 22363, "026f2fe4d38a8b04f91f23eb84bce4224fa1781120ca93636b93d445ca4392af"),
    ("test/gpt4/category_2.csv", 21307, "821bf621fba655c86849efb59cea9a1abad5984186a0b6e121d378e32a8d91c2"),
    ("test/gpt4/category_3.csv", 21177, "461f3ab94838c5f0b127771022a2e9d38f8c57e78f6e43d8a9b8670edf043294"),
    ("test/gpt4/category_4.csv", 22622, "7d1ff42903d1636dae66e6af647c4405bcd3ff5c7d149ad33d23408d20b964ce"),
    ("test/gpt4/category_5.csv", 23269, "0609d582e9864243706c32c90ee622493f697bda14b69dd9107b2776caeb6aed"),
    ("test/gpt4/category_6.csv", 24299, "447dd9b868080642844c9d07d2a569b95c66d943729c7ad4310167c31f084409"),
    ("test/gpt4/category_7.csv", 23628, "633687172a7dd4f86a805f4efcb88626d92391c724f4ba2f00c3bcb198f88bb1"),
    ("test/gpt4/category_8.csv", 22896, "67a199a57ecd7845e722ac9c512c99ae2270f9b4418341f0efb1b5b0f98cb702"),
    ("test/gpt4/category_9.csv", 22752, "ca743af7aa36ff3acee51188091ce02cabc6089409690d0c4ad2f7f2af02d777"),
    ("train/gpt4/category_1.csv", 21097, "d1025f2875c559939650ae65e29e70e5ca55f946077218b09605a1b2d0f47efa"),
    ("train/gpt4/category_2.csv", 20902, "e78707bb0c159915231b2ae80d7abf07ee97d14ef1c7fba2112f4aa71e2623f6"),
    ("train/gpt4/category_3.csv", 22012, "1c8bbc44a62e8de21e700a0d0e09fc47e5b0422f501500c47320b72d2add38d7"),
    ("train/gpt4/category_4.csv", 22606, "217a60ced26dbb31955404dfd50aedde2e895991330d5aa96787cb4e9564a99b"),
    ("train/gpt4/category_5.csv", 22163, "9ef7fb0182c4a246ff8b2a5e9451e5b3d4732028bdc84b952338c5f3ec69c831"),
    ("train/gpt4/category_6.csv", 24433, "200906b2336b11b2afae8b00ea5506acd5eb58bc01139d17702e1af8b5099225"),
    ("train/gpt4/category_7.csv", 22614, "788f49cc7607ce9ff01fecb09875daa59aa68fcc460452d04c443c273c6f3208"),
    ("train/gpt4/category_8.csv", 22395, "c7e8573320a2efc9d2304aa7e5e245591637e55d30b28594fa1b0774c1591e5e"),
    ("train/gpt4/category_9.csv", 21960, "0504bfae7771a092b3d129b764adcb8af410bc219ecbb7418b357b2108cb0b99"),
    ("train/llama2/category_1.csv", 25348, "afbff404f7cc8cc210efc0c7000145411d5a596436bbc345f6e591a03b19208c"),
    ("train/llama2/category_2.csv", 23100, "a089d15409a5d9dfaff4840f923b367acffd41a6aeb6eece8390b000f2d553a3"),
    ("train/llama2/category_3.csv", 12668, "56db009665f9dc64d2bac6ac9c1d95b4713405e293c791575342c454c3f7e5a5"),
    ("train/llama2/category_4.csv", 20613, "6e7a126d6a06e192993c9bb5e2099b6f01fb871b033def6559025d150dcca071"),
    ("train/llama2/category_5.csv", 19884, "b59209ec8b5a52bde6c5d689b8d50a5fcac4050bf1394f772e533b8c33d7f925"),
    ("train/llama2/category_6.csv", 10776, "8f5b2746c6b12af7ea46855d8946c82bc4dda396557540dcf8d8c0e1ca0a7ba5"),
    ("train/llama2/category_7.csv", 24924, "d25e10a854f335660be91f10f2ed3cac922d0e5377f112dc26e31dad0fa450d0"),
    ("train/llama2/category_8.csv", 24550, "b5985b8c4db39d1628cc7d58583ab9d8bd83c7ced2207bd94df1a01a0976d274"),
    ("train/llama2/category_9.csv", 21219, "cfd79ba4a424ba9d40ad49169cf85a248935e2e8384d760e895280c611f52ca0"),
)


def _medsafetybench_url(path: str) -> str:
    folder, _, file = path.rpartition("/")
    return f"{_MEDSAFETYBENCH}/{folder}/med_safety_demonstrations_{file}"


_SETS: Final = (
    DataSet(
        name="medsafetybench",
        title="MedSafetyBench: harmful medical requests by the nine AMA principles, with safe responses",
        licence="MIT",
        paper="arXiv 2403.03744",
        home="https://github.com/AI4LIFE-GROUP/med-safety-bench",
        rows=1800,
        shape="train/{gpt4,llama2}/category_{1..9}.csv, test/…; requests/category_{1..9}.txt if wanted",
        loader="load_medsafetybench",
        count=lambda folder: len(load_medsafetybench(folder).scenarios),
        files=tuple(
            RemoteFile(path, _medsafetybench_url(path), size, sha256) for path, size, sha256 in _MEDSAFETYBENCH_FILES
        ),
        known_digests=("d1180beb15cc3fdb19ecf5a2b6a438ef2fe343ac177974e387e0847e231007bc",),
    ),
    DataSet(
        name="xstest",
        title="XSTest v2: safe prompts that look harmful, their contrasts, and labelled answers",
        licence="CC-BY-4.0",
        paper="arXiv 2308.01263",
        home="https://github.com/paul-rottger/xstest",
        rows=450,
        shape="prompts.csv; completions/MODEL.csv and judged/MODEL_{gpt4,strmatch}.csv if wanted",
        loader="load_xstest",
        count=lambda folder: len(load_xstest(folder).scenarios),
        files=(
            RemoteFile(
                "prompts.csv",
                "https://raw.githubusercontent.com/paul-rottger/xstest/d7bb5bd738c1fcbc36edd83d5e7d1b71a3e2d84d/xstest_prompts.csv",
                38719,
                "11783fb294ed017473ee53c207d71f2161c7672c8d0b037501e78387f801cb5a",
            ),
        ),
        known_digests=("ea30c6c410d0d702d90f4d57daf34c90676e5d6e37036eeecb7d6dd8c60ee4e1",),
    ),
    DataSet(
        name="healthbench",
        title="HealthBench: conversations with physicians' criteria",
        licence="MIT",
        paper="arXiv 2505.08775",
        home="https://github.com/openai/simple-evals",
        rows=5000,
        shape="one or more .jsonl files in the published form",
        loader="load_healthbench",
        count=_count_healthbench,
        files=(
            RemoteFile(
                "healthbench.jsonl",
                "https://openaipublic.blob.core.windows.net/simple-evals/healthbench/2025-05-07-06-14-12_oss_eval.jsonl",
                None,
                "e99dd3c6372c10d6fcc5e385c5fae69d0dd40392dae56836ef9493ae324ecd2f",
            ),
        ),
    ),
    DataSet(
        name="medquad",
        title="MedQuAD: consumer questions with answers from NIH sites",
        licence="CC-BY-4.0",
        paper="BMC Bioinformatics 2019, 20:511",
        home="https://github.com/abachaa/MedQuAD",
        rows=47457,
        shape="qa.jsonl with id, collection, question, answer (the published files are XML)",
        loader="load_medquad",
        count=lambda folder: len(load_medquad(folder).scenarios),
        known_digests=("94f7fe0f2ac2ec90d37a6610d6435e2cb37a0e5b4dec12d70f3ab438501eba92",),
    ),
    DataSet(
        name="liveqa-med",
        title="LiveQA-Med: consumers' questions, and answers that people graded from 1 to 4",
        licence="CC-BY-4.0",
        paper="TREC 2017; BMC Bioinformatics 2019, 20:511",
        home="https://github.com/abachaa/MedQuAD",
        rows=104,
        shape="judged.jsonl with question_id, subject, message, summary, answer_id, answer, grade, grade_name",
        loader="load_liveqa",
        count=lambda folder: len(load_liveqa(folder).scenarios),
        known_digests=("f94cffd3062321606e2f0d733e29a07d881a3f0cf4e275ef5d971e5b17ff3d85",),
    ),
    DataSet(
        name="huatuo",
        title="Huatuo-Llama-Med-Chinese: Chinese medical questions and answers",
        licence="Apache-2.0",
        paper="arXiv 2304.06975",
        home="https://github.com/SCIR-HI/Huatuo-Llama-Med-Chinese",
        rows=None,
        shape="questions.jsonl with question, answer",
        loader="load_huatuo",
        count=lambda folder: len(load_huatuo(folder).scenarios),
        known_digests=("933947b9da6dd3a47c8330e069ae8020883b27d1979da95fec43fc4008468a63",),
    ),
    DataSet(
        name="cares",
        title="CARES: medical requests by principle, level of harm and style",
        licence="see its authors' page",
        paper="arXiv 2505.11413",
        home="https://arxiv.org/abs/2505.11413",
        rows=18478,
        shape="train.jsonl and test.jsonl (or .csv) with principle_index, harmful_level, method, prompt",
        loader="load_cares",
        count=lambda folder: len(load_cares(folder).scenarios),
    ),
    DataSet(
        name="norms-cn",
        title="Chinese health statutes, regulations and judicial interpretations",
        licence="law texts: no copyright",
        paper="national law texts",
        home="https://github.com/LawRefBook/Laws",
        rows=None,
        shape="one Markdown file for each text, articles as 第N条",
        loader="read_corpus",
        count=_count_articles,
        known_digests=("ea6d231887e3c58f158c57197474c3ae5817a9959420862b19cedaeff0fdf633",),
    ),
)
CATALOGUE: Final[Mapping[str, DataSet]] = {each.name: each for each in _SETS}
