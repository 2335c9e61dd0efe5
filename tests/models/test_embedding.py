"""Embeddings from a folder: unit vectors by mean pooling, padding changes nothing, nothing is run or fetched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from primum.errors import ModelError
from primum.models.embedding import FolderEmbedder
from primum.rubrics.distil import DistilSettings, distil

TEXTS = [f"Recommends emergency care number {n}. 建议立即就医，第{n}条。" for n in range(30)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of 16 dimensions with random weights and a word-piece tokenizer trained on the spot."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    made = tmp_path_factory.mktemp("encoder") / "bert"
    tokens = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokens.normalizer = normalizers.BertNormalizer()
    tokens.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokens.train_from_iterator(
        TEXTS, trainers.WordPieceTrainer(vocab_size=200, special_tokens=special, show_progress=False)
    )
    ends = [(name, tokens.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    tokens.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    PreTrainedTokenizerFast(
        tokenizer_object=tokens, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(made)
    config = BertConfig(
        vocab_size=tokens.get_vocab_size(),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
        initializer_range=0.5,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(config).save_pretrained(made)
    return made


def test_vectors_are_of_length_one_in_the_order_of_the_texts(folder: Path) -> None:
    embed = FolderEmbedder(folder)
    rows = embed([TEXTS[3], "Short.", TEXTS[3], TEXTS[0]])
    assert rows.shape == (4, 16) and rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert np.array_equal(rows[0], rows[2]) and not np.allclose(rows[0], rows[1])
    assert embed([]).shape == (0, 16)


def test_it_is_the_mean_of_the_last_states_over_the_tokens(folder: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        states = model(**tokenizer("Short care.", return_tensors="pt")).last_hidden_state[0].numpy()
    mean = states.mean(axis=0)
    alone = FolderEmbedder(folder)(["Short care."])[0]
    padded = FolderEmbedder(folder)(["Short care.", TEXTS[0]])[0]
    assert alone == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)
    assert padded == pytest.approx(alone, abs=1e-5)


def test_a_text_longer_than_the_context_is_cut(folder: Path) -> None:
    rows = FolderEmbedder(folder)([" ".join(TEXTS), " ".join(TEXTS[:20])])
    assert rows[0] == pytest.approx(rows[1], abs=1e-5)


def test_the_name_says_which_weights(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "bert")
    assert FolderEmbedder(folder).name == FolderEmbedder(tmp_path / "bert").name
    assert FolderEmbedder(folder).name.startswith("bert@")


def test_a_folder_that_cannot_be_loaded_is_refused_in_one_line(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    config = json.loads((broken / "config.json").read_text())
    (broken / "config.json").write_text(json.dumps({**config, "model_type": "unheard-of"}))
    with pytest.raises(ModelError) as refused:
        FolderEmbedder(broken)
    assert "\n" not in str(refused.value) and "broken" in str(refused.value)
    with pytest.raises(ModelError):
        FolderEmbedder(tmp_path / "nothing")


def test_it_serves_distillation(folder: Path) -> None:
    from primum.records import ByRule, Criterion
    from primum.rubrics.distil import Source

    values = {"urgency": "routine", "uncertainty": "settled", "expertise": "lay", "task": "treat"}
    sources = [
        Source(
            Criterion(
                statement="Recommends emergency care now.",
                points=5,
                axis="accuracy",
                kind_of="proficiency",
                language="en",
                made=ByRule(rule="test"),
            ),
            values,
            f"rubric-{number}",
        )
        for number in range(6)
    ]
    found = distil(sources, DistilSettings(), FolderEmbedder(folder))
    assert [one.statement for one in found.principles] == ["Recommends emergency care now."]
