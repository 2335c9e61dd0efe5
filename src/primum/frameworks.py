"""What every use of torch and transformers here shares: no notices of the libraries, a set number of threads, the seed of the caller kept.

The libraries are imported by what is called, never when this module is.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from primum.errors import MissingExtraError
from primum.model_folder import chain_of, stay_offline

__all__ = ["at_work", "language_model", "quiet", "refuse_missing", "threads"]


def refuse_missing() -> None:
    """Raise `MissingExtraError` unless torch and its family are there; they are kept from the network."""
    stay_offline()
    try:
        import safetensors  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(str(error.name), "train") from error


@contextmanager
def quiet() -> Iterator[None]:
    """No bars, notices or warnings of the libraries: only the renderer of the command line prints."""
    from transformers.utils import logging

    verbosity, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(verbosity)
        if has_bars:
            logging.enable_progress_bar()


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """So many CPU threads; `None` leaves their number to torch."""
    import torch

    before = torch.get_num_threads()
    if count is not None:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def at_work(count: int | None) -> Iterator[None]:
    """So many CPU threads, quietly, the caller's random state untouched."""
    import torch

    with threads(count), torch.random.fork_rng(), quiet():
        yield


def language_model(folder: Path, dtype: Any) -> Any:
    """The causal language model in `folder`, with `dtype` for its weights; adapters are merged into it in their order.

    No code that comes with the model is run and no pickle is read. Raises whatever the libraries raise for a damaged file.
    """
    import torch
    from transformers import AutoModelForCausalLM

    whole, *adapters = chain_of(folder)
    model = AutoModelForCausalLM.from_pretrained(
        whole,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        # What adapters add is small beside the weights: it is added in 32 bits and rounded once.
        dtype=torch.float32 if adapters else dtype,
    )
    for adapter in adapters:
        try:
            from peft import PeftModel
        except ImportError as error:
            raise MissingExtraError(str(error.name), "train") from error
        model = PeftModel.from_pretrained(model, adapter, local_files_only=True).merge_and_unload()
    # peft leaves what it merged into frozen.
    return model.to(dtype).requires_grad_(True) if adapters else model
