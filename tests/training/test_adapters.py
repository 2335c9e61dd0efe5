"""Adapters kept apart: the same model as merged ones, in a chain, whole on release, and refused where their base is another."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from trainings import CHATS, DPO, KTO, TEXTS

from primum.errors import ModelError, RecordError, StoreError
from primum.model_folder import (
    base_of,
    chain_of,
    check_model_folder,
    describe_folder,
    hash_model,
    hash_weights,
    name_base,
)
from primum.models.adapters import merge_adapter
from primum.models.local import load_model_folder
from primum.models.tiny import TinySettings, build_tiny
from primum.training import DpoSettings, KtoSettings, SftSettings, train_dpo, train_kto, train_sft

SHARED: dict[str, Any] = {"batch_rows": 4, "lora_rank": 2, "threads": 1, "learning_rate": 1e-2, "epochs": 1}
ARCHITECTURES = ["qwen3", "llama", "mistral", "gemma", "gpt_neox"]


def build(folder: Path, architecture: str = "qwen3", seed: int = 0) -> None:
    small = {"layers": 1, "width": 16, "heads": 2, "feed_forward": 32, "vocabulary": 400, "context_tokens": 64}
    build_tiny(TEXTS, TinySettings(architecture=architecture, **small), folder, seed)  # type: ignore[arg-type]


def logits(folder: Path) -> Any:
    import torch

    with torch.inference_mode():
        return load_model_folder(folder).model(torch.arange(40)[None]).logits


def difference(one: Path, two: Path) -> float:
    return float((logits(one) - logits(two)).abs().max())


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base, an adapter on it, one on that, and the first one merged where it was trained."""
    made = tmp_path_factory.mktemp("adapters")
    build(made / "base")
    train_sft(made / "base", CHATS, SftSettings(**SHARED, keeps_adapter=True), made / "first")
    train_sft(made / "base", CHATS, SftSettings(**SHARED), made / "merged-at-once")
    train_dpo(made / "first", DPO, DpoSettings(**SHARED, keeps_adapter=True), made / "second")
    return made


def test_an_adapter_is_a_small_folder_without_pickle_or_machine_path(root: Path) -> None:
    names = {file.name for file in (root / "second").iterdir()}
    assert names == {
        "adapter_config.json",
        "adapter_model.safetensors",
        "base.json",
        "chat_template.jinja",
        "tokenizer.json",
        "tokenizer_config.json",
        "training.json",
    }
    assert json.loads((root / "second" / "base.json").read_text()) == {
        "base": "../first",
        "weights": hash_weights(root / "first"),
    }
    for file in (root / "second").glob("*.json"):
        assert str(root) not in file.read_text(encoding="utf-8")
    assert (root / "second/adapter_model.safetensors").stat().st_size < (root / "base/model.safetensors").stat().st_size


def test_kept_apart_it_is_the_same_model_as_merged_at_once(root: Path) -> None:
    assert (
        difference(root / "first", root / "merged-at-once") <= 1e-6 < 1e-3 < difference(root / "first", root / "base")
    )


def test_a_chain_is_described_and_named_as_a_whole(root: Path) -> None:
    assert base_of(root / "base") is None and base_of(root / "second") == root / "first"
    assert chain_of(root / "second") == [root / "base", root / "first", root / "second"]
    assert describe_folder(root / "second") == describe_folder(root / "base")
    assert load_model_folder(root / "second").parameters == describe_folder(root / "second")[1]
    assert check_model_folder(root / "second") == check_model_folder(root / "base")
    assert len({hash_weights(root / name) for name in ("base", "first", "second")}) == 3
    with pytest.raises(ModelError, match="a whole model is needed"):
        check_model_folder(root / "second", needs_whole=True)


def test_the_same_adapter_on_another_base_is_another_model(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "first", tmp_path / "first")
    build(tmp_path / "base", seed=1)
    name_base(tmp_path / "first", tmp_path / "base")
    assert base_of(tmp_path / "first") == tmp_path / "base"
    assert hash_weights(tmp_path / "first") != hash_weights(root / "first")
    assert hash_model(tmp_path / "first") != hash_model(root / "first")


def test_another_config_of_the_base_is_another_model_of_the_same_weights(root: Path, tmp_path: Path) -> None:
    moved = tmp_path / "workspace"
    shutil.copytree(root, moved)
    config = moved / "base" / "config.json"
    config.write_text(config.read_text() + " ")
    assert hash_weights(moved / "second") == hash_weights(root / "second")
    assert hash_model(moved / "second") != hash_model(root / "second")


def test_a_merged_chain_is_a_whole_folder_that_says_the_same(root: Path, tmp_path: Path) -> None:
    merge_adapter(root / "second", tmp_path / "whole")
    assert base_of(tmp_path / "whole") is None
    assert describe_folder(tmp_path / "whole") == describe_folder(root / "second")
    assert (
        difference(tmp_path / "whole", root / "second") <= 1e-5 < 1e-3 < difference(tmp_path / "whole", root / "first")
    )
    names = {file.name for file in (tmp_path / "whole").iterdir()}
    assert {
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "chat_template.jinja",
    } < names
    assert not {name for name in names if name.startswith("adapter") or name == "base.json"}
    weights = (tmp_path / "whole" / "model.safetensors").stat()
    assert weights.st_mode == (tmp_path / "whole" / "training.json").stat().st_mode
    with pytest.raises(ModelError, match="holds no adapter"):
        merge_adapter(tmp_path / "whole", tmp_path / "again")


def test_merging_overwrites_nothing_and_begins_again(root: Path, tmp_path: Path) -> None:
    (tmp_path / ".whole.partial").mkdir()
    (tmp_path / ".whole.partial" / "model.safetensors").write_bytes(b"torn")  # a merge that was cut off
    merge_adapter(root / "second", tmp_path / "whole")
    assert [file.name for file in tmp_path.iterdir()] == ["whole"]
    before = (tmp_path / "whole" / "model.safetensors").stat().st_mtime_ns
    merge_adapter(root / "second", tmp_path / "whole")  # it is there
    assert (tmp_path / "whole" / "model.safetensors").stat().st_mtime_ns == before
    with pytest.raises(ModelError, match="already holds something else"):
        merge_adapter(root / "first", tmp_path / "whole")
    (tmp_path / "mine").mkdir()
    with pytest.raises(ModelError, match="already holds something else"):
        merge_adapter(root / "first", tmp_path / "mine")


def test_a_full_disk_leaves_no_half_of_a_merge(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("primum.models.adapters.shutil.copyfile", full)
    with pytest.raises(StoreError, match="disk takes no more"):
        merge_adapter(root / "second", tmp_path / "whole")
    assert not (tmp_path / "whole").exists()


def test_a_workspace_can_be_moved_as_a_whole(root: Path, tmp_path: Path) -> None:
    before = hash_weights(root / "second"), hash_model(root / "second")
    moved = tmp_path / "elsewhere" / "workspace"
    shutil.copytree(root, moved)
    assert (hash_weights(moved / "second"), hash_model(moved / "second")) == before
    assert base_of(moved / "second") == moved / "first"
    (tmp_path / "link").symlink_to(moved / "second")
    assert base_of(tmp_path / "link") == moved / "first"
    # It goes on from where it was: the training it stands for is the same one.
    done = train_dpo(moved / "first", DPO, DpoSettings(**SHARED, keeps_adapter=True), moved / "second")
    assert done.weights == before[0]


def test_training_goes_on_from_an_adapter_with_all_weights_too(root: Path, tmp_path: Path) -> None:
    settings = KtoSettings(**{**SHARED, "lora_rank": None})
    merge_adapter(root / "first", tmp_path / "whole")
    from_adapter = train_kto(root / "first", KTO, settings, tmp_path / "from-adapter")
    from_whole = train_kto(tmp_path / "whole", KTO, settings, tmp_path / "from-whole")
    assert from_adapter.weights == from_whole.weights != hash_weights(tmp_path / "whole")


def test_what_it_was_stopped_at_does_not_show(root: Path, tmp_path: Path) -> None:
    class PowerCutError(Exception):
        pass

    def cut(done: int, total: int, /) -> None:
        if done == 5:
            raise PowerCutError

    settings = DpoSettings(**SHARED, keeps_adapter=True, save_steps=2)
    with pytest.raises(PowerCutError):
        train_dpo(root / "first", DPO, settings, tmp_path / "cut", cut)
    assert not (tmp_path / "cut").exists()
    seen: list[int] = []
    done = train_dpo(root / "first", DPO, settings, tmp_path / "cut", lambda step, total: seen.append(step))
    whole = train_dpo(root / "first", DPO, settings, tmp_path / "whole")
    assert seen[0] == 4 and done.weights == whole.weights
    assert base_of(tmp_path / "cut") == root / "first"


def _lost(root: Path) -> None:
    shutil.rmtree(root / "base")


def _other(root: Path) -> None:
    shutil.rmtree(root / "base")
    build(root / "base", seed=1)


def _circle(root: Path) -> None:
    shutil.copy(root / "second" / "base.json", root / "first" / "base.json")


def _absolute(root: Path) -> None:
    _base_json(root, {"base": str(root / "base"), "weights": "0"})


def _torn(root: Path) -> None:
    (root / "first" / "base.json").write_text("{")


def _unnamed(root: Path) -> None:
    _base_json(root, {"base": "../base"})


def _nameless(root: Path) -> None:
    (root / "second" / "base.json").unlink()


def _pickle(root: Path) -> None:
    (root / "first" / "adapter_model.safetensors").rename(root / "first" / "adapter_model.bin")


def _half_pickle(root: Path) -> None:
    shutil.copy(root / "first" / "adapter_model.safetensors", root / "first" / "other.safetensors")
    _pickle(root)


def _other_kind(root: Path) -> None:
    config = json.loads((root / "first" / "adapter_config.json").read_text())
    (root / "first" / "adapter_config.json").write_text(json.dumps({**config, "peft_type": "IA3"}))


def _torn_weights(root: Path) -> None:
    content = (root / "second" / "adapter_model.safetensors").read_bytes()
    (root / "second" / "adapter_model.safetensors").write_bytes(content[: len(content) // 2])


def _base_json(root: Path, content: dict[str, str]) -> None:
    (root / "first" / "base.json").write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_lost, "names '../base', and no folder is there"),
        (_other, "was trained on other weights than its base '../base' has now"),
        (_circle, "stands on itself"),
        (_absolute, "absolute path"),
        (_torn, "cannot be read"),
        (_unnamed, "does not name its base and the base's weights"),
        (_nameless, r"is an adapter without a base\.json"),
        (_pickle, "only as a pickle"),
        (_half_pickle, r"has no adapter_model\.safetensors"),
        (_other_kind, "of the kind 'IA3'"),
        (_torn_weights, "cannot be loaded"),
    ],
)
def test_a_damaged_chain_is_refused_in_one_line(
    damage: Callable[[Path], None], says: str, root: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "workspace"
    shutil.copytree(root, moved)
    damage(moved)
    with pytest.raises(ModelError, match=says) as caught:
        load_model_folder(moved / "second")
    assert "\n" not in str(caught.value) and str(moved) in str(caught.value)
    if damage is not _torn_weights:
        with pytest.raises(ModelError, match=says):
            train_dpo(moved / "second", DPO, DpoSettings(**SHARED), tmp_path / "out")
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_all_linear_layers_are_trained_and_the_output_matrix_is_not(architecture: str, tmp_path: Path) -> None:
    build(tmp_path / "base", architecture)
    train_sft(tmp_path / "base", CHATS[:8], SftSettings(**SHARED, keeps_adapter=True), tmp_path / "adapter")
    names = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())["target_modules"]
    trained = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
    if architecture == "gpt_neox":  # queries, keys and values are one matrix, and the feed-forward has no gate
        trained = {"query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"}
    assert {name.rpartition(".")[2] for name in names} == trained and names == sorted(names)
    merge_adapter(tmp_path / "adapter", tmp_path / "whole")
    assert (
        difference(tmp_path / "adapter", tmp_path / "whole")
        <= 1e-5
        < difference(tmp_path / "adapter", tmp_path / "base")
    )


@pytest.mark.parametrize("stage", ["kto", "dpo"])
def test_the_reference_is_the_parent(stage: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rewards TRL logs of the last step, β (log π − log π₀), are worked out anew with `perplexity`, π₀ being the parent."""
    import trl

    from primum.models.perplexity import answer_losses

    seen: list[tuple[Any, dict[str, float]]] = []
    kind = trl.KTOTrainer if stage == "kto" else trl.DPOTrainer
    compute = kind.compute_loss

    def watched(self: Any, model: Any, inputs: Any, *more: Any, **named: Any) -> Any:
        if self.state.global_step == self.state.max_steps - 1:  # what is logged is of the weights before this step
            model.save_pretrained(tmp_path / "then", save_embedding_layers=False)
            self._metrics["train"].clear()
            loss = compute(self, model, inputs, *more, **named)
            seen.append((inputs, {name: values[-1] for name, values in self._metrics["train"].items()}))
            return loss
        return compute(self, model, inputs, *more, **named)

    monkeypatch.setattr(kind, "compute_loss", watched)
    # Batches of twelve hold both kinds of answers.
    told = {**SHARED, "keeps_adapter": True, "batch_rows": 12, "epochs": 4, "learning_rate": 3e-2}
    if stage == "kto":
        train_kto(root / "first", KTO, KtoSettings(**told), tmp_path / "out")
    else:
        train_dpo(root / "first", DPO, DpoSettings(**told), tmp_path / "out")
    ((inputs, logged),) = seen
    for name in ("base.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "adapter_config.json"):
        shutil.copy(tmp_path / "out" / name, tmp_path / "then" / name)
    rows = _rows_of(inputs, root / "first", stage)
    before, after = (
        answer_losses(folder, [row for row, _ in rows], 1) for folder in (root / "first", tmp_path / "then")
    )
    for side in ("chosen", "rejected"):
        rewards = [
            0.1 * (old.nll - new.nll)
            for (_, is_chosen), old, new in zip(rows, before, after, strict=True)
            if is_chosen == (side == "chosen") and old is not None and new is not None
        ]
        assert abs(logged[f"rewards/{side}"]) > 1e-3  # the adapter does something
        assert sum(rewards) / len(rewards) == pytest.approx(logged[f"rewards/{side}"], abs=1e-5)


def _rows_of(inputs: Any, folder: Path, stage: str) -> list[tuple[tuple[Sequence[dict[str, str]], str], bool]]:
    tokenizer = load_model_folder(folder).tokenizer
    count = len(inputs["input_ids"])
    labels = inputs["label"] if stage == "kto" else [place < count // 2 for place in range(count)]
    rows = []
    for ids, answer, is_chosen in zip(inputs["input_ids"], inputs["completion_mask"], labels, strict=True):
        prompt = tokenizer.decode(ids[answer == 0], skip_special_tokens=True).strip()
        said = tokenizer.decode(ids[answer == 1], skip_special_tokens=True)
        rows.append((([{"role": "user", "content": prompt}], said), bool(is_chosen)))
    return rows


def test_keeping_needs_an_adapter() -> None:
    with pytest.raises(RecordError, match="keeps_adapter"):
        SftSettings(keeps_adapter=True)


def test_a_training_begun_before_there_was_the_choice_is_still_the_same(root: Path) -> None:
    """The fingerprint as it was then, worked out from what was hashed."""
    from msgspec import to_builtins

    from primum.records import content_hash

    settings = to_builtins(SftSettings(**SHARED))
    del settings["keeps_adapter"]
    told = [[list(row.prompt), row.answer] for row in CHATS]
    mark = content_hash(["sft", hash_model(root / "base"), settings, told])
    assert json.loads((root / "merged-at-once" / "training.json").read_text())["fingerprint"] == mark
    assert json.loads((root / "first" / "training.json").read_text())["fingerprint"] != mark
