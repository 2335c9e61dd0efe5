"""What a recipe needs from outside: where it stands, and whether all of it can be read before anything is kept."""

from __future__ import annotations

from pathlib import Path

from primum import starter
from primum.cycles.certifying import read_certificate
from primum.cycles.gather import loads
from primum.cycles.recipe import CorpusChoice, DataChoice, WorldRecipe
from primum.errors import InputError
from primum.model_folder import describe_folder

__all__ = ["check_inputs", "corpus_folder", "set_folders"]


def corpus_folder(choice: CorpusChoice, data: DataChoice, recipe: str) -> Path:
    """The folder of the norms that the recipe of that name chose. Raises `InputError` when there is none."""
    if choice.folder:
        folder = Path(choice.folder).expanduser()
    else:
        folder = data.folder(recipe) / choice.set if choice.set else starter.starter_norms()
    if not folder.is_dir():
        raise InputError(f"folder '{folder}'", "does not exist", "name a folder of norms", f"recipe '{recipe}', corpus")
    return folder


def set_folders(recipe: WorldRecipe) -> list[Path]:
    """The folders and files of the imported sets; each must exist."""
    data = recipe.data
    if not data.is_wanted:
        return []
    root = recipe.data_folder()
    named = [name for name in ("medsafetybench", "xstest", "medquad", "huatuo") if getattr(data, name) is not None]
    named += [file for file in (data.cares, data.healthbench) if file] + [mapped.path for mapped in data.mapped]
    for name in named:
        if not (root / name).exists():
            raise InputError(
                f"'{root / name}'",
                "does not exist",
                "add the set, or take it out of the recipe",
                f"recipe '{recipe.name}', data",
            )
    return [root / name for name in named]


def check_inputs(recipe: WorldRecipe) -> None:
    """Read what a run will read, and keep nothing: a wrong folder, row or model ends the run before its workspace is touched."""
    corpus_folder(recipe.corpus, recipe.data, recipe.name)
    if recipe.data.root is not None:
        recipe.data_folder()
    set_folders(recipe)
    if recipe.policy.folder is not None:
        describe_folder(Path(recipe.policy.folder).expanduser())
    if recipe.chat is not None and recipe.chat.certificate is not None:
        read_certificate(Path(recipe.chat.certificate).expanduser())
    for load in loads(recipe):
        load()
