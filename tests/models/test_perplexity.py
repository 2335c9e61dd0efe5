"""How likely an answer is: as worked by hand, as transformers itself says, and the same however rows are put together."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from primum.models import perplexity
from primum.models.local import LoadedModel, load_model_folder
from primum.models.perplexity import answer_losses
from primum.models.tiny import TinySettings, build_tiny
from primum.training import BaseSettings, ChatRow, train_base

TEXTS = [f"Take {i} tablets with water. 每天服用{i}片，饭后温水送服。" for i in range(40)]
ROWS = [
    (
        [{"role": "user", "content": f"day {i}?" + " and then?" * (i % 7)}],
        f"Take {i} tablets." + " 饭后服用。" * (i % 3),
    )
    for i in range(45)
]


@pytest.fixture(scope="module", params=["qwen3", "gemma"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("perplexity")
    shape = {"layers": 2, "width": 32, "heads": 2, "feed_forward": 32, "vocabulary": 400, "context_tokens": 96}
    build_tiny(TEXTS, TinySettings(architecture=request.param, **shape), made / "untrained", seed=3)  # type: ignore[arg-type]
    chats = [ChatRow(*row) for row in ROWS[:12]]
    return train_base(made / "untrained", TEXTS[:8], chats, BaseSettings(batch_rows=4, threads=1), made / "base").folder


@pytest.fixture(scope="module")
def loaded(folder: Path) -> LoadedModel:
    return load_model_folder(folder)


def test_it_is_what_is_worked_by_hand(folder: Path, loaded: LoadedModel) -> None:
    """−Σ (x_token − log Σ exp x) over the answer and its end, from the logits of the text written out."""
    import torch

    text = "<|user|>day 3?<|end|><|assistant|>Take 3 tablets.<|end|>"
    ids = loaded.tokenizer(text, add_special_tokens=False)["input_ids"]
    start = ids.index(loaded.tokenizer.convert_tokens_to_ids("<|assistant|>")) + 1
    with torch.inference_mode():
        scores = loaded.model(torch.tensor([ids])).logits[0].tolist()
    by_hand = 0.0
    for place in range(start, len(ids)):
        before = scores[place - 1]
        by_hand += math.log(sum(math.exp(score) for score in before)) - before[ids[place]]
    (told,) = answer_losses(folder, [([{"role": "user", "content": "day 3?"}], "Take 3 tablets.")], threads=1)
    assert told is not None
    assert told.nll == pytest.approx(by_hand, abs=1e-4)
    assert told.tokens == len(ids) - start == len(loaded.tokenizer("Take 3 tablets.")["input_ids"]) + 1


def test_it_is_the_loss_of_transformers(folder: Path, loaded: LoadedModel) -> None:
    import torch

    for messages, answer in ROWS[:6]:
        text = loaded.tokenizer.apply_chat_template(
            [*messages, {"role": "assistant", "content": answer}], tokenize=False
        )
        ids = torch.tensor([loaded.tokenizer(text, add_special_tokens=False)["input_ids"]])
        (told,) = answer_losses(folder, [(messages, answer)], threads=1)
        assert told is not None
        labels = ids.clone()
        labels[0, : ids.shape[1] - told.tokens] = -100
        with torch.inference_mode():
            mean = float(loaded.model(ids, labels=labels).loss)
        assert told.nll / told.tokens == pytest.approx(mean, abs=1e-4)


def test_rows_together_are_as_rows_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []
    together = answer_losses(folder, ROWS, 1, lambda done, total: seen.append((done, total)))
    assert seen == [(0, 45), (32, 45), (45, 45)]
    monkeypatch.setattr(perplexity, "_BATCH_SCORES", 1)  # a row a batch
    alone = answer_losses(folder, ROWS, 1)
    for one, other in zip(together, alone, strict=True):
        assert one is not None and other is not None
        assert one.tokens == other.tokens and one.nll == pytest.approx(other.nll, abs=1e-4)
    assert len({told.nll for told in together if told is not None}) > 40


def test_the_same_rows_are_the_same_numbers_in_any_order(folder: Path) -> None:
    first = answer_losses(folder, ROWS, 1)
    again = answer_losses(folder, ROWS[::-1] + ROWS[:1], 1)
    assert again == first[::-1] + first[:1]
    assert answer_losses(folder, [], 1) == []


def test_what_does_not_fit_is_none_and_counted_by_nothing(folder: Path, loaded: LoadedModel) -> None:
    room = loaded.context_tokens - 4  # what opens the user's turn and ends it, opens the answer and ends it
    just = "!" * (room - len(loaded.tokenizer("day")["input_ids"]))
    assert len(set(loaded.tokenizer(just)["input_ids"])) == 1
    messages = [{"role": "user", "content": "day"}]
    fits, does_not, short = answer_losses(folder, [(messages, just), (messages, just + "!"), (messages, "!")], 1)
    assert fits is not None and short is not None and does_not is None
    assert (fits.tokens, short.tokens) == (len(just) + 1, 2)


def test_the_prompt_is_not_counted_and_a_turn_before_is(folder: Path) -> None:
    """The same answer after another conversation has other chances and as many tokens."""
    turns = [
        {"role": "user", "content": "day 1?"},
        {"role": "assistant", "content": "Take 1 tablets."},
        {"role": "user", "content": "day 2?"},
    ]
    one, two = answer_losses(folder, [(turns, "Take 2 tablets."), (turns[-1:], "Take 2 tablets.")], 1)
    assert one is not None and two is not None
    assert one.tokens == two.tokens and one.nll != two.nll


def test_an_answer_that_was_learned_is_likelier(folder: Path) -> None:
    learned, strange = answer_losses(folder, [ROWS[1], (ROWS[1][0], "water tablets tablets Take")], 1)
    assert learned is not None and strange is not None
    assert learned.nll / learned.tokens < strange.nll / strange.tokens
