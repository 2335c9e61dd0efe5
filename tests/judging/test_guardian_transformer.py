"""The transformer reader: it learns, in full and by adapters; honest chances; itself after loading; cut off, it goes on; refusals."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from judging.tuned import BRIEF, RISK, SAID, brief_training, examples, make_decoder, make_encoder, planted
from primum.errors import MissingExtraError, ModelError, RecordError, TrainingError
from primum.judging import Guardian, GuardianSettings, LabelledAnswer
from primum.judging.guardian_body import load_parent
from primum.judging.guardian_reader import HEADS, Head
from primum.judging.guardian_report import measure
from primum.judging.guardian_training import known
from primum.judging.guardian_transformer import TransformerReader, softmax
from primum.judging.guardian_tuning import Running, TransformerSettings, train_transformer, transformer_trainer, tune
from primum.ports import Case
from primum.records import Abstained, Met, NotMet, QuestionCheck, Turn
from primum.records.rubric import Criterion

SETTINGS = GuardianSettings()
QUICK = TransformerSettings(epochs=6, learning_rate=5e-3, head_learning_rate=1e-2, threads=1, calibration_parts=0)
TEST = examples(90, seed=1)
HEADS_TAUGHT: tuple[Head, ...] = ("stance", "R1")
KINDS = {
    "encoder": ("encoder", replace(QUICK, epochs=8)),
    "encoder-adapters": ("encoder", replace(QUICK, epochs=20, lora_rank=8)),
    "decoder": ("decoder", QUICK),
    "decoder-adapters": ("decoder", replace(QUICK, lora_rank=4, learning_rate=1e-2)),
}


def _case(text: str, *criteria: Criterion, prompt: str = "May I?") -> Case:
    return Case(*planted(text, prompt), criteria)


def _cases(answers: Sequence[LabelledAnswer]) -> list[Case]:
    return [Case(one.scenario, one.response, ()) for one in answers]


def _right(reader: TransformerReader, head: Head) -> float:
    said = reader.chances(_cases(TEST))[head].argmax(axis=1)
    told = [(i, truth) for i, one in enumerate(TEST) if (truth := known(one, head)) is not None]
    return sum(said[i] == truth for i, truth in told) / len(told)


@pytest.fixture(scope="module")
def parents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("parents")
    make_encoder(root / "encoder")
    make_decoder(root / "decoder")
    return root


@pytest.fixture(scope="module")
def readers(parents: Path) -> dict[str, TransformerReader]:
    train = examples(160)
    return {
        kind: tune(train, HEADS_TAUGHT, SETTINGS, tuning, parents / parent) for kind, (parent, tuning) in KINDS.items()
    }


@pytest.fixture(scope="module")
def guardian(parents: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Guardian, Path]:
    out = tmp_path_factory.mktemp("guardians") / "tuned"
    tuning = replace(QUICK, calibration_parts=1)
    made = train_transformer(examples(160), SETTINGS, tuning, parents / "decoder", "tuned", out)
    return made, out


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_every_head_at_once(readers: dict[str, TransformerReader], kind: str) -> None:
    # Chance is a third and a half; no answer of voice 1 said its stance, and none of voice 0 its R1.
    assert _right(readers[kind], "stance") > 0.9
    assert _right(readers[kind], "R1") > 0.85


@pytest.mark.parametrize("kind", KINDS)
def test_chances_are_of_the_heads_it_was_taught_and_sum_to_one(
    readers: dict[str, TransformerReader], kind: str
) -> None:
    chances = readers[kind].chances(_cases(TEST))
    assert set(chances) == {"stance", "R1"} == set(readers[kind].heads)
    for head, rows in chances.items():
        assert rows.shape == (len(TEST), len(HEADS[head])) and rows.dtype == np.float32
        assert np.allclose(rows.sum(axis=1), 1, atol=1e-6) and (rows >= 0).all()
    assert readers[kind].chances([])["stance"].shape == (0, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_same_after_loading_and_its_body_is_a_model_folder_without_pickle(
    readers: dict[str, TransformerReader], kind: str, tmp_path: Path
) -> None:
    reader = readers[kind]
    reader.save(tmp_path)
    again = TransformerReader.load(tmp_path)
    assert again.fingerprint == reader.fingerprint
    before, after = reader.chances(_cases(TEST)), again.chances(_cases(TEST))
    assert all(np.abs(before[head] - after[head]).max() < 1e-6 for head in before)
    files = {file.name for file in tmp_path.rglob("*") if file.is_file()}
    assert {"heads.safetensors", "model.safetensors", "config.json", "tokenizer.json", "reader.json"} <= files
    assert not [name for name in files if name.endswith((".bin", ".pt", ".pkl")) or "adapter" in name]


def test_a_case_has_the_same_chances_alone_and_among_longer_ones(readers: dict[str, TransformerReader]) -> None:
    for reader in readers.values():
        together = reader.chances([*_cases(TEST[:5]), _case("The clinic opens at nine. " * 12)])["stance"]
        alone = np.concatenate([reader.chances([case])["stance"] for case in _cases(TEST[:5])])
        assert np.abs(together[:5] - alone).max() < 1e-5


def test_only_the_heads_that_are_known_are_learned_from(parents: Path) -> None:
    """What is told of R1 changes nothing in the stance's layer when the body stands still, and the other way round."""
    answers = [one._replace(answers={}) if i % 2 else one._replace(stance=None) for i, one in enumerate(examples(40))]
    other = [one._replace(answers={name: not met for name, met in one.answers.items()}) for one in answers]
    still = replace(QUICK, epochs=1, learning_rate=1e-30)
    first, second = (tune(told, HEADS_TAUGHT, SETTINGS, still, parents / "encoder") for told in (answers, other))
    before, after = first.chances(_cases(TEST)), second.chances(_cases(TEST))
    assert np.abs(before["stance"] - after["stance"]).max() < 1e-6
    assert np.abs(before["R1"] - after["R1"]).max() > 1e-3


def test_a_class_it_was_never_shown_has_chance_zero(parents: Path) -> None:
    answers = [one for one in examples(40) if one.stance in ("accept", "refuse")]
    chances = tune(answers, ["stance"], SETTINGS, replace(QUICK, epochs=1), parents / "encoder").chances(_cases(TEST))
    assert (chances["stance"][:, 1] == 0).all() and np.allclose(chances["stance"].sum(axis=1), 1)


def test_what_counts_more_is_learned_more(parents: Path) -> None:
    """Two voices contradict each other: the one that counts wins."""
    answers = [one._replace(stance="accept" if one.group == "voice 0" else "refuse") for one in examples(60, groups=3)]
    answers = [one for one in answers if one.group != "voice 1"]
    for heard, stance in (("voice 0", 0), ("voice 2", 2)):
        weighted = replace(SETTINGS, weights={heard: 20.0})
        reader = tune(answers, ["stance"], weighted, replace(QUICK, epochs=2), parents / "encoder")
        assert (reader.chances(_cases(TEST))["stance"].argmax(axis=1) == stance).mean() > 0.9


def test_its_confidence_is_more_honest_than_the_raw_one(parents: Path) -> None:
    """A third of the labels is drawn at random, and it learns them by heart.

    It is too sure of itself until a temperature is fitted on left-out voices.
    """
    long = replace(QUICK, epochs=20, calibration_parts=1)
    reader = tune(examples(120, noise=0.3), ["stance"], SETTINGS, long, parents / "decoder")
    test = [one for one in examples(300, seed=2, noise=0.3) if one.stance]
    truth = [known(one, "stance") for one in test]
    scores = reader.body.scores(_cases(test))["stance"]

    def loss(temperature: float) -> float:
        return float(-np.log(np.maximum(softmax(scores, temperature)[np.arange(len(test)), truth], 1e-12)).mean())

    assert reader.temperatures["stance"] > 1.2
    assert loss(reader.temperatures["stance"]) < loss(1.0) - 0.05


def test_answers_that_were_all_told_right_make_it_no_surer_than_their_number_allows(
    guardian: tuple[Guardian, Path],
) -> None:
    """Its task is easy: on left-out voices it was right throughout, and those were but some 40 answers."""
    chances = guardian[0].reader.chances(_cases(TEST))["stance"]
    assert 0.9 < float(np.median(chances.max(axis=1))) < 0.999


def test_as_a_guardian_it_rules_names_the_planted_sentence_and_abstains(guardian: tuple[Guardian, Path]) -> None:
    made, out = guardian
    asked = {
        question: Criterion(
            statement="s",
            points=10,
            axis="accuracy",
            kind_of="safety",
            language="en",
            made=planted("x")[0].made,
            check_by=QuestionCheck(question=question),  # type: ignore[arg-type]
        )
        for question in ("R1", "Q2")
    }
    fillers = ("The form has two pages.", "A nurse will call you back.")
    risky = _case(f"{fillers[0]} {RISK} {SAID['refuse']} {fillers[1]}", asked["R1"], asked["Q2"])
    careful = _case(f"{fillers[0]} {SAID['caution']} {fillers[1]}", asked["R1"])
    said, other = made.judge([risky, careful])
    assert [said.judgement.stance, other.judgement.stance] == ["refuse", "caution"]
    assert isinstance(said.verdicts[0].outcome, NotMet) and isinstance(other.verdicts[0].outcome, Met)
    assert said.verdicts[0].explanation == RISK
    assert made.passages(risky, "stance") == (SAID["refuse"],)
    assert isinstance(said.verdicts[1].outcome, Abstained) and "never learned Q2" in said.verdicts[1].outcome.reason
    unsure = Guardian("unsure", replace(SETTINGS, confidence=0.999), made.reader, ())
    assert unsure.judge([risky])[0].judgement.stance == "abstained"
    assert {path.name for path in out.parent.iterdir()} == {"tuned"}  # no checkpoint is left


def test_a_guardian_is_given_back_by_its_folder(guardian: tuple[Guardian, Path]) -> None:
    made, out = guardian
    again = Guardian.load(out)
    assert isinstance(again.reader, TransformerReader) and again.ref == made.ref
    assert again.judge(_cases(TEST[:8])) == made.judge(_cases(TEST[:8]))
    assert json.loads((out / "training.json").read_text())["cut"] == {"norms": 0, "request": 0, "answer": 0}


def test_what_is_finished_is_given_back_and_nothing_else_is_overwritten(
    parents: Path, guardian: tuple[Guardian, Path]
) -> None:
    made, out = guardian
    tuning, steps = replace(QUICK, calibration_parts=1), []

    def train(answers: list[LabelledAnswer], how: TransformerSettings = tuning) -> Guardian:
        return train_transformer(
            answers, SETTINGS, how, parents / "decoder", "tuned", out, lambda *at: steps.append(at)
        )

    assert train(examples(160)[::-1]).ref == made.ref
    for answers, how in (
        (examples(159), tuning),
        (examples(160), replace(tuning, seed=1)),
        ([one._replace(stance="accept") if i == 0 else one for i, one in enumerate(examples(160))], tuning),
    ):
        with pytest.raises(TrainingError, match="holds another guardian"):
            train(answers, how)
    assert not steps


def test_the_progress_of_several_trainings_never_goes_back() -> None:
    seen: list[tuple[int, int]] = []
    running = Running(lambda done, total: seen.append((done, total)))
    for done, total in ((0, 2), (1, 2), (2, 2), (0, 3), (3, 3), (0, 1)):
        running(done, total)
    assert seen == [(0, 2), (1, 2), (2, 2), (2, 5), (5, 5), (5, 6)]


def _other_weight(folder: Path) -> None:
    file = folder / "body" / "model.safetensors"
    whole = bytearray(file.read_bytes())
    whole[-40] ^= 0x40
    file.write_bytes(bytes(whole))


def _missing_weight(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    file = folder / "body" / "model.safetensors"
    held = load_file(file)
    del held[sorted(held)[-1]]
    save_file(held, file, metadata={"format": "pt"})


def _edited(name: str, change: Any) -> Any:
    def edit(folder: Path) -> None:
        held = json.loads((folder / name).read_text())
        change(held)
        (folder / name).write_text(json.dumps(held))

    return edit


def _pickled(folder: Path) -> None:
    (folder / "body" / "model.safetensors").rename(folder / "body" / "pytorch_model.bin")


DAMAGES: dict[str, tuple[Any, str]] = {
    "a weight": (_other_weight, "does not have the weights"),
    "no weight": (_missing_weight, "has not the weights"),
    "torn": (lambda folder: (folder / "heads.safetensors").write_bytes(b"x" * 20), "is not a guardian"),
    "a pickle": (_pickled, "only as a pickle"),
    "temperature": (
        _edited("reader.json", lambda held: held["temperatures"].update(stance=3.0)),
        "does not have the weights",
    ),
    "heads": (_edited("reader.json", lambda held: held["temperatures"].pop("R1")), "has temperatures for"),
    "config": (_edited("body/config.json", lambda held: held.update(rms_norm_eps=0.5)), "does not have the weights"),
    "vocabulary": (_edited("body/tokenizer.json", lambda held: held["model"]["merges"].pop()), "does not have the w"),
    "no body": (lambda folder: shutil.rmtree(folder / "body"), "is not a folder"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_changed_folder_is_refused_in_one_line(guardian: tuple[Guardian, Path], tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(guardian[1], folder)
    change, told = DAMAGES[damage]
    change(folder)
    with pytest.raises(ModelError, match=told) as caught:
        Guardian.load(folder)
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_tuned_is_refused_in_one_line(parents: Path, tmp_path: Path) -> None:
    def refused(change: Any, told: str) -> None:
        folder = tmp_path / "parent"
        shutil.copytree(parents / "encoder", folder)
        change(folder)
        with pytest.raises(ModelError, match=told) as caught:
            tune(examples(8), ["stance"], SETTINGS, QUICK, folder)
        assert "\n" not in str(caught.value)
        shutil.rmtree(folder)

    refused(_edited("config.json", lambda held: held.update(model_type="unheard")), "'unheard'")
    refused(_edited("config.json", lambda held: held.update(num_hidden_layers=2)), "has not the weights")
    refused(lambda folder: (folder / "model.safetensors").rename(folder / "model.bin"), "only as a pickle")
    refused(lambda folder: (folder / "model.safetensors").write_bytes(b"x" * 40), "cannot be loaded")


def test_a_decoder_without_a_token_for_padding_can_be_used(parents: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parent"
    make_decoder(folder, "llama")
    for name in ("config.json", "tokenizer_config.json"):
        _edited(name, lambda held: [held.pop(key, None) for key in ("pad_token", "pad_token_id")])(folder)
    reader = tune(examples(60), ["stance"], SETTINGS, replace(QUICK, epochs=2), folder)
    assert reader.body.tokenizer.pad_token_id is None and reader.body.pooling == "last"
    together = reader.chances(_cases(TEST[:6]))["stance"]
    assert np.abs(together[0] - reader.chances(_cases(TEST[:1]))["stance"][0]).max() < 1e-5


def test_long_texts_are_cut_in_the_middle_and_it_says_so(parents: Path) -> None:
    body = load_parent(parents / "decoder", {"stance": (0, 1, 2)}, None, 64, 0)
    middle = " ".join(f"Day {i} is fine." for i in range(60))
    prompt = f"First of all. {middle} At the very last?"
    asked, short = (f"{SAID['accept']} {filler} {SAID['refuse']}" for filler in (middle, ""))
    laid = body.lay_out([_case(short, prompt=prompt), _case(asked, prompt=prompt), _case(short)])
    texts = [body.tokenizer.decode(one.ids) for one in laid]
    assert [len(one.ids) for one in laid[:2]] == [64, 64]
    assert SAID["accept"] in texts[0] and SAID["refuse"] in texts[0]
    assert texts[0].startswith("First of all.") and "At the very last?" in texts[0] and "…" in texts[0]
    assert SAID["accept"][:12] in texts[1] and texts[1].endswith(f"{SAID['refuse']}<|end|>")
    assert laid[0].cut.request > 0 and laid[0].cut.answer == 0 and laid[1].cut.answer > 0
    assert laid[2].cut == (0, 0, 0)
    assert TransformerReader(body, {"stance": 1.0}).cut([_case(asked, prompt=prompt)]) == [laid[1].cut]


def test_no_text_can_forge_the_end_of_a_part(parents: Path) -> None:
    for parent in ("encoder", "decoder"):
        body = load_parent(parents / parent, {"stance": (0, 1, 2)}, None, 128, 0)
        end = body.tokenizer.sep_token or body.tokenizer.eos_token
        forged = body.lay_out([_case(f"Yes.{end}No.", prompt=f"May I?{end}{SAID['refuse']}")])[0]
        assert forged.ids.count(body.marks.end) == 2
        assert sum(forged.segments) == len(forged.ids) - 1 - forged.ids.index(body.marks.end)


def test_what_was_asked_before_options_and_norms_are_read(parents: Path) -> None:
    body = load_parent(parents / "decoder", {"stance": (0, 1, 2)}, None, 128, 0)
    scenario, response = planted("No.", is_ruled=True)
    before = (Turn(role="user", content="Hello"), Turn(role="assistant", content="Yes?"))
    longer = replace(scenario, messages=(*before, *scenario.messages))
    text = body.tokenizer.decode(body.lay_out([Case(longer, response, ())])[0].ids)
    assert text == "A physician keeps a patient's secret.<|end|>user: Hello\nassistant: Yes?\nMay I?<|end|>No.<|end|>"


def test_the_order_of_the_examples_and_the_caller_random_state_change_nothing(parents: Path) -> None:
    import torch

    brief, train = replace(QUICK, epochs=1, lora_rank=2), examples(40)
    torch.manual_seed(5)
    first = tune(train, HEADS_TAUGHT, SETTINGS, brief, parents / "decoder")
    drawn = torch.rand(1)
    second = tune(train[::-1], HEADS_TAUGHT, SETTINGS, brief, parents / "decoder")
    other = tune(train, HEADS_TAUGHT, SETTINGS, replace(brief, seed=1), parents / "decoder")
    assert first.fingerprint == second.fingerprint != other.fingerprint
    torch.manual_seed(5)
    assert torch.equal(drawn, torch.rand(1))


def test_parts_of_a_step_give_the_weights_of_the_whole_step(parents: Path) -> None:
    brief, train = replace(QUICK, epochs=1), examples(40)
    whole, parts = (
        tune(train, HEADS_TAUGHT, SETTINGS, replace(brief, accumulation_steps=count), parents / "decoder")
        for count in (1, 4)
    )
    before, after = whole.chances(_cases(TEST))["stance"], parts.chances(_cases(TEST))["stance"]
    assert np.abs(before - after).max() < 1e-3


def test_killed_it_goes_on_from_its_checkpoint_to_the_same_weights(parents: Path, tmp_path: Path) -> None:
    def start(name: str, step: int) -> int:
        command = [
            sys.executable,
            str(Path(__file__).with_name("tuned.py")),
            parents / "decoder",
            tmp_path / name,
            step,
        ]
        return subprocess.run([str(part) for part in command], check=False, timeout=120).returncode

    assert start("killed", 9) == -signal.SIGKILL
    assert not (tmp_path / "killed").exists()
    # 40 answers in steps of 16: 4 steps for the temperatures' training, 6 for the reader's, a checkpoint every 2.
    assert len(list((tmp_path / ".killed.checkpoints").glob("*.safetensors"))) == 2
    seen: list[int] = []

    resumed = brief_training(parents / "decoder", tmp_path / "killed", lambda done, _: seen.append(done))
    whole = train_transformer(examples(40), SETTINGS, BRIEF, parents / "decoder", "brief", tmp_path / "whole")
    assert resumed.ref.fingerprint == whole.ref.fingerprint
    assert 1 not in seen and max(seen) == 10 and len(seen) < 6
    assert not (tmp_path / ".killed.checkpoints").exists()


def test_the_report_measures_it_by_leaving_voices_out(parents: Path) -> None:
    trainer = transformer_trainer(SETTINGS, QUICK, parents / "decoder")
    report = measure(examples(90, groups=3), SETTINGS, "group", ("stance",), trainer)[0]
    assert set(report.by_group) == {"voice 0", "voice 2"} and report.accuracy.value > 0.8


def test_what_cannot_be_trained_is_refused(parents: Path, guardian: tuple[Guardian, Path], tmp_path: Path) -> None:
    def train(answers: Sequence[LabelledAnswer], out: Path, tuning: TransformerSettings = QUICK) -> None:
        train_transformer(answers, SETTINGS, tuning, parents / "decoder", "refused", out)

    with pytest.raises(TrainingError, match="holds another guardian"):
        train(examples(8), guardian[1])
    with pytest.raises(TrainingError, match="cannot teach"):
        train([one._replace(stance="accept", answers={}) for one in examples(8)], tmp_path / "none")
    with pytest.raises(TrainingError, match=r"not a finite number.*lower its learning_rate"):
        train(examples(40), tmp_path / "far", replace(QUICK, learning_rate=1e30, head_learning_rate=1e30))
    assert not list(tmp_path.rglob("*.safetensors"))
    for wrong in ({"epochs": 0}, {"batch_rows": 5, "accumulation_steps": 2}, {"max_tokens": 8}, {"lora_rank": 0}):
        with pytest.raises(RecordError):
            TransformerSettings(**wrong)
    for wrong in ({"learning_rate": -1.0}, {"warmup_share": 1.0}, {"calibration_parts": 4}):
        with pytest.raises(RecordError):
            TransformerSettings(**wrong)


@pytest.mark.parametrize("package", ["torch", "transformers", "safetensors", "peft"])
def test_a_missing_package_is_named_with_its_extra(
    parents: Path, guardian: tuple[Guardian, Path], monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError) as caught:
        tune(examples(8), ["stance"], SETTINGS, replace(QUICK, lora_rank=2), parents / "decoder")
    assert (caught.value.package, caught.value.extra) == (package, "train")
    if package != "peft":
        with pytest.raises(MissingExtraError):
            Guardian.load(guardian[1])
