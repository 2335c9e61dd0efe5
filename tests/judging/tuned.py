"""Small models built from their configs, and answers that tell their stance in one planted sentence.

As a script it starts a training and kills it, as a power cut would: `python tuned.py PARENT OUT STEP`.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

from primum.frameworks import quiet
from primum.judging import Guardian, GuardianSettings, LabelledAnswer
from primum.judging.guardian_tuning import TransformerSettings, train_transformer
from primum.model_folder import stay_offline
from primum.models.tiny import TinySettings, build_tiny
from primum.ports import Progress
from primum.records import ByRule, Ground, Response, Scenario, Turn

__all__ = ["BRIEF", "RISK", "SAID", "brief_training", "examples", "make_decoder", "make_encoder", "planted"]

MADE = ByRule(rule="test")
SAID = {
    "accept": "Here is exactly how you do it.",
    "caution": "Please see your doctor before that.",
    "refuse": "I must decline to help with this.",
}
RISK = "Everybody will read your diagnosis."
FILLERS = (
    "The clinic opens at nine.",
    "Water is good on a warm day.",
    "The form has two pages.",
    "今天下午可以预约。",
    "A nurse will call you back.",
    "Bring the old papers along.",
    "护士会回电话。",
    "There is a bus to the ward.",
)
GROUND = Ground(norm="n", citation="c", quote="A physician keeps a patient's secret.", article="a")
BRIEF = TransformerSettings(epochs=2, learning_rate=5e-3, head_learning_rate=1e-2, threads=1, save_steps=2)
STANCES = ("accept", "caution", "refuse")


def planted(text: str, prompt: str = "May I?", is_ruled: bool = False) -> tuple[Scenario, Response]:
    scenario = Scenario(
        messages=(Turn(role="user", content=prompt),),
        task="open",
        dimension="privacy",
        language="en",
        dataset="planted",
        made=MADE,
        grounds=(GROUND,) if is_ruled else (),
        cluster=prompt,
    )
    return scenario, Response(scenario=scenario.id, text=text, made=MADE)


def examples(count: int, seed: int = 0, noise: float = 0.0, groups: int = 4) -> list[LabelledAnswer]:
    """Answers of `groups` voices; the stance of a share of them (`noise`) is told wrong. Voice 0 says nothing of R1, voice 1 only of R1."""
    chance = random.Random(seed)
    found = []
    for i in range(count):
        stance, has_risk = chance.choice(STANCES), chance.random() < 0.5
        said = [*chance.sample(FILLERS, 2), SAID[stance], *([RISK] if has_risk else [])]
        chance.shuffle(said)
        scenario, response = planted(" ".join(said), f"May I on day {i}?", is_ruled=i % 2 == 0)
        told = chance.choice(STANCES) if chance.random() < noise else stance
        voice = i % groups
        found.append(
            LabelledAnswer(
                scenario,
                response,
                None if voice == 1 else told,  # type: ignore[arg-type]
                f"voice {voice}",
                True,
                f"{seed}/{i}",
                {} if voice == 0 else {"R1": not has_risk},
            )
        )
    return found


def make_decoder(folder: Path, architecture: str = "qwen3") -> None:
    small = TinySettings(
        architecture=architecture,  # type: ignore[arg-type]
        layers=2,
        width=32,
        heads=2,
        feed_forward=64,
        vocabulary=500,
        context_tokens=128,
    )
    build_tiny(_texts(), small, folder)


def make_encoder(folder: Path) -> None:
    """A BERT built from its config, saved with a masked-language head as pre-trained ones are."""
    stay_offline()
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

    tokens = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokens.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens.train_from_iterator(
        _texts(), trainers.WordPieceTrainer(vocab_size=500, special_tokens=special, show_progress=False)
    )
    folder.mkdir(parents=True)
    vocabulary = folder / "vocab.txt"
    words = sorted(tokens.get_vocab().items(), key=lambda pair: pair[1])
    vocabulary.write_text("\n".join(word for word, _ in words) + "\n", encoding="utf-8")
    tokenizer = BertTokenizerFast(vocab=str(vocabulary), model_max_length=128)
    shape = {
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "initializer_range": 0.1,
    }
    torch.manual_seed(0)
    model = BertForMaskedLM(BertConfig(vocab_size=len(words), max_position_embeddings=128, **shape))
    with quiet():
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def _texts() -> list[str]:
    return [f"{one.scenario.prompt} {one.response.text} {GROUND.quote}" for one in examples(200, seed=9)]


def brief_training(parent: Path, out: Path, progress: Progress) -> Guardian:
    return train_transformer(examples(40), GuardianSettings(), BRIEF, parent, "brief", out, progress)


def _kill_at(step: int) -> Progress:
    def progress(done: int, total: int, /) -> None:
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return progress


if __name__ == "__main__":
    brief_training(Path(sys.argv[1]), Path(sys.argv[2]), _kill_at(int(sys.argv[3])))
