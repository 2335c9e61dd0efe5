"""A policy whose weights are on this machine: a Hugging Face folder, answered from in batches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, final

from primum.errors import MissingExtraError, ModelError
from primum.frameworks import language_model, quiet, threads
from primum.model_folder import base_of, check_model_folder, hash_weights, stay_offline
from primum.ports import Progress, silent
from primum.records import ByModel, PolicyRef, Response, Sampling, Scenario

__all__ = ["LoadedModel", "LocalPolicy", "hash_weights", "load_model_folder", "render"]

BATCH = 64
ASK_FOR_LETTERS = {"en": "Answer with the letter(s).", "zh": "只回答选项字母。"}


class LoadedModel(NamedTuple):
    """A model and its tokenizer, as transformers holds them, and the most tokens a conversation may have."""

    model: Any
    tokenizer: Any
    architecture: str
    parameters: int
    context_tokens: int


class _Answer(NamedTuple):
    text: str
    has_stopped: bool
    prompt_tokens: int
    completion_tokens: int


def render(scenario: Scenario) -> list[dict[str, str]]:
    """The messages a policy is given; a choice question carries its options as lines and asks for their letters."""
    messages = [{"role": turn.role, "content": turn.content} for turn in scenario.messages]
    if scenario.options:
        lines = [messages[-1]["content"]]
        lines += [f"{option.letter}. {option.text}" for option in scenario.options]
        lines.append(ASK_FOR_LETTERS[scenario.language])
        messages[-1]["content"] = "\n".join(lines)
    return messages


def load_model_folder(folder: Path) -> LoadedModel:
    """Load the model in `folder`, on a GPU where there is one. Raises `ModelError` in one line when it cannot be loaded.

    An adapter is merged, in memory, into the model it was trained on; `ModelError` too where that one is no longer the same.
    No code that comes with the model is run and no pickle is read.
    """
    config = check_model_folder(folder)
    stay_offline()
    name = f"model folder {folder.name!r}"
    try:
        import torch
        from transformers import AutoTokenizer
        from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    except ImportError as error:
        raise MissingExtraError(str(error.name), "train") from error
    if config["model_type"] not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise ModelError(
            name,
            f"has the architecture {config['model_type']!r}, which is no causal language model known here",
            "use a model that the installed transformers knows",
            str(folder / "config.json"),
        )
    if base_of(folder) is not None:
        hash_weights(folder)  # refuses a base with other weights
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with quiet():
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            model = language_model(folder, torch.bfloat16 if device == "cuda" else torch.float32)
        except MissingExtraError:
            raise
        # The libraries raise whatever their parts raise on a damaged file; all of it means the same to the user.
        except Exception as error:
            reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
            raise ModelError(
                name, f"cannot be loaded ({reason})", "check or download its files again", str(folder)
            ) from error
    if tokenizer.chat_template is None:
        raise ModelError(
            name, "has no chat template", "use a model tuned for chat, or add chat_template.jinja", str(folder)
        )
    if tokenizer.eos_token_id is None:
        raise ModelError(
            name, "has no token that ends an answer", "set eos_token in tokenizer_config.json", str(folder)
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "left"
    model.to(device).eval()
    context = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return LoadedModel(
        model=model,
        tokenizer=tokenizer,
        architecture=str(config["model_type"]),
        parameters=sum(weights.numel() for weights in model.parameters()),
        context_tokens=int(context) if context else 1 << 30,
    )


@final
class LocalPolicy:
    """Answers from the weights in a folder, greedily unless the sampling has a temperature.

    Equal scenarios get equal answers, and the same list the same answers again. Prompts are sorted by length into batches; as
    sums of floats depend on the batch, an answer may in rare near-ties differ from the one the scenario gets in another list.
    A prompt that leaves no room in the model's context is not cut: its answer is empty and its finish `length`.
    `threads` is the number of CPU threads; `None` leaves it to torch.
    """

    def __init__(self, folder: Path, ref: PolicyRef, threads: int | None = None) -> None:
        self._loaded = load_model_folder(folder)
        self._ref = ref
        self._threads = threads

    @property
    def ref(self) -> PolicyRef:
        return self._ref

    def answer(self, scenarios: Sequence[Scenario], sampling: Sampling, progress: Progress = silent) -> list[Response]:
        """Answers in the order of the scenarios; a prompt that occurs twice is answered once."""
        tokenizer = self._loaded.tokenizer
        prompts = [
            tokenizer.apply_chat_template(render(scenario), tokenize=False, add_generation_prompt=True)
            for scenario in scenarios
        ]
        order = sorted(set(prompts))
        encoded = dict(zip(order, _encode(tokenizer, order), strict=True))
        room = self._loaded.context_tokens - sampling.max_new_tokens
        answers = {text: _Answer("", False, len(ids), 0) for text, ids in encoded.items() if len(ids) > room}
        todo = sorted((text for text in order if text not in answers), key=lambda text: (len(encoded[text]), text))
        progress(len(answers), len(order))
        with threads(self._threads), quiet():
            for start in range(0, len(todo), BATCH):
                batch = todo[start : start + BATCH]
                answers.update(zip(batch, self._generate([encoded[text] for text in batch], sampling), strict=True))
                progress(len(answers), len(order))
        return [
            self._response(scenario, answers[text], sampling) for scenario, text in zip(scenarios, prompts, strict=True)
        ]

    def _response(self, scenario: Scenario, answer: _Answer, sampling: Sampling) -> Response:
        return Response(
            scenario=scenario.id,
            text=answer.text,
            made=ByModel(model=self._ref.name),
            policy=self._ref.id,
            finish="stop" if answer.has_stopped else "length",
            sampling=sampling,
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
        )

    def _generate(self, prompts: list[list[int]], sampling: Sampling) -> list[_Answer]:
        import torch
        from transformers import GenerationConfig

        model, tokenizer = self._loaded.model, self._loaded.tokenizer
        width = max(len(ids) for ids in prompts)
        padded = [[tokenizer.pad_token_id] * (width - len(ids)) + ids for ids in prompts]
        mask = [[0] * (width - len(ids)) + [1] * len(ids) for ids in prompts]
        ends = _ends(model, tokenizer)
        settings = GenerationConfig(
            max_new_tokens=sampling.max_new_tokens,
            do_sample=sampling.temperature > 0,
            **({"temperature": sampling.temperature, "top_k": 0} if sampling.temperature > 0 else {}),
            repetition_penalty=sampling.repetition_penalty,
            eos_token_id=ends,
            pad_token_id=tokenizer.pad_token_id,
            use_cache=True,
        )
        with torch.inference_mode(), torch.random.fork_rng():
            torch.manual_seed(sampling.seed)
            made = model.generate(
                input_ids=torch.tensor(padded, device=model.device),
                attention_mask=torch.tensor(mask, device=model.device),
                generation_config=settings,
            )
        return [
            _read(tokenizer, new, ends, len(ids)) for ids, new in zip(prompts, made[:, width:].tolist(), strict=True)
        ]


def _encode(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    if not texts:
        return []
    ids: list[list[int]] = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return ids


def _ends(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end an answer: the tokenizer's, and those the model's own generation settings add."""
    named = model.generation_config.eos_token_id
    known = [] if named is None else ([named] if isinstance(named, int) else list(named))
    return sorted({tokenizer.eos_token_id, *known})


def _read(tokenizer: Any, new: list[int], ends: list[int], prompt_tokens: int) -> _Answer:
    stop = next((position for position, token in enumerate(new) if token in ends), None)
    kept = new if stop is None else new[:stop]
    text = tokenizer.decode(kept, skip_special_tokens=True).strip()
    return _Answer(text, stop is not None, prompt_tokens, len(kept) + (stop is not None))
