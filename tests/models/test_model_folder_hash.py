"""What a training is told apart by: all that decides what its parent says, and no receipt beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from primum.model_folder import hash_model, hash_weights
from primum.models.tiny import TinySettings, build_tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("models") / "tiny"
    build_tiny(
        ["A short text. 一段短文。"], TinySettings(layers=1, width=32, heads=2, feed_forward=32, vocabulary=300), made
    )
    return made


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"])
def test_another_config_tokenizer_or_template_is_another_model(folder: Path, tmp_path: Path, name: str) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    assert hash_model(other) == hash_model(folder)
    (other / name).write_text((other / name).read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert hash_model(other) != hash_model(folder) and hash_weights(other) == hash_weights(folder)


def test_a_receipt_beside_the_weights_changes_nothing(folder: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    (other / "training.json").write_text("{}", encoding="utf-8")
    (other / "README.md").write_text("…", encoding="utf-8")
    assert hash_model(other) == hash_model(folder)
