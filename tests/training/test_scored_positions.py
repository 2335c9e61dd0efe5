"""What is compared with the vocabulary: the tokens that have a loss and no others, to the same numbers as TRL's own way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from trainings import CHATS, DPO, KTO, STAGES, make_untrained

from primum.training import SftSettings, run, train_sft

ANSWERS = {
    "sft": [row.answer for row in CHATS],
    "kto": [row.answer for row in KTO],
    "dpo": [answer for row in DPO for answer in (row.chosen, row.rejected)],
}
# KTO reads each row and a mismatched one, by the policy and by its reference; DPO both answers by both; SFT once.
READ = {"sft": 1, "kto": 4, "dpo": 2}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scored")
    make_untrained(made / "untrained")
    return STAGES["base"](made / "untrained", made / "base").folder


@pytest.mark.parametrize("stage", ["sft", "kto", "dpo"])
def test_only_answers_are_compared_with_the_vocabulary(
    stage: str, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoTokenizer
    from trl.trainer import utils

    counted: list[int] = []
    scored = utils._ChunkedLogProbFunction

    class Counting:
        @staticmethod
        def apply(hidden: Any, *more: Any) -> Any:
            counted.append(len(hidden))
            return scored.apply(hidden, *more)

    monkeypatch.setattr(utils, "_ChunkedLogProbFunction", Counting)
    STAGES[stage](base, tmp_path / "out")
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokens = sum(len(tokenizer(answer, add_special_tokens=False)["input_ids"]) + 1 for answer in ANSWERS[stage])
    assert sum(counted) == READ[stage] * tokens


@pytest.mark.parametrize("stage", ["sft", "kto", "dpo"])
def test_the_numbers_are_those_of_trl(stage: str, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def as_it_is() -> Iterator[None]:
        yield

    ours = STAGES[stage](base, tmp_path / "ours")
    monkeypatch.setattr(run, "_scoring_what_is_learned", as_it_is)
    theirs = STAGES[stage](base, tmp_path / "theirs")
    assert ours.loss_last == pytest.approx(theirs.loss_last, abs=1e-5)
    mine, other, before = (_weights(folder) for folder in (ours.folder, theirs.folder, base))
    assert max(float((mine[name] - other[name]).abs().max()) for name in mine) < 1e-5
    assert max(float((mine[name] - before[name]).abs().max()) for name in mine) > 1e-3


def test_trl_is_left_as_it_was(base: Path, tmp_path: Path) -> None:
    from trl.trainer import utils

    before = utils._use_triton

    def cut(done: int, total: int, /) -> None:
        assert utils._use_triton is not before
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_sft(base, CHATS, SftSettings(batch_rows=4, threads=1), tmp_path / "out", cut)
    assert utils._use_triton is before


def _weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    weights: dict[str, Any] = load_file(folder / "model.safetensors")
    return weights
