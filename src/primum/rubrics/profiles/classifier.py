"""The profile classifier: one linear head for each clinical dimension, saved as arrays, with chances that a temperature makes honest.

    chance of value v = softmax((grams · W_v + cues · D_v + b_v) / T)

`grams` are n-gram weights `(1 + log count) · idf`, scaled to length 1 within the query; `cues` as in `features`. Nothing in the files is
executed when they are read.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from primum.errors import ModelError
from primum.records import ByModel, Profile, Scenario, content_hash
from primum.rubrics.profiles.features import COLUMNS, FEATURE_VERSION, Encoded, cue_names, encode, said
from primum.starter.clinical import dimensions

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Floats = NDArray[numpy.floating]

__all__ = ["Head", "ProfileClassifier", "weighed"]

_WEIGHTS, _WORDS = "weights.npz", "profiles.json"


class Head(NamedTuple):
    """One dimension. `grams` (kept column, value), `cues` (cue, value), `bias` (value), in the order of the dimension's values."""

    grams: NDArray[numpy.float16]
    cues: NDArray[numpy.float32]
    bias: NDArray[numpy.float32]
    temperature: float


class ProfileClassifier:
    """See the module. Made by `train_classifier`, or read with `load`. `trained_on` is the hash of its examples."""

    def __init__(
        self,
        columns: NDArray[numpy.uint32],
        rarity: NDArray[numpy.float32],
        heads: Mapping[str, Head],
        trained_on: str,
        examples: int,
    ) -> None:
        """`columns` are the n-gram columns it looks at, `rarity` the idf of each."""
        self.columns, self.rarity, self.heads = columns, rarity, dict(heads)
        self.trained_on, self.examples = trained_on, examples

    @property
    def fingerprint(self) -> str:
        """Names what it says: the hash of its arrays, its features and the values it knows."""
        digest = hashlib.sha256()
        for name, array in sorted(self._arrays().items()):
            digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
            digest.update(array.tobytes())
        return content_hash([digest.hexdigest(), self._about()])

    def classify(self, scenarios: Sequence[Scenario]) -> list[Profile]:
        """The likeliest value of each query on each dimension, and how likely it is."""
        if not scenarios:
            return []
        made = ByModel(model=f"primum-profiles-{self.fingerprint[:12]}")
        chances = self.chances(encode([said(one) for one in scenarios], [one.language for one in scenarios]))
        best = {name: (found.argmax(axis=1), found.max(axis=1)) for name, found in chances.items()}
        keys = {dimension.key: dimension.keys for dimension in dimensions()}
        return [
            Profile(
                scenario=scenario.id,
                values={name: keys[name][int(places[row])] for name, (places, _) in best.items()},
                made=made,
                chances={name: round(float(most[row]), 4) for name, (_, most) in best.items()},
            )
            for row, scenario in enumerate(scenarios)
        ]

    def chances(self, encoded: Encoded) -> dict[str, Floats]:
        """(query, value) by dimension; each row sums to 1."""
        import numpy as np
        from scipy.special import softmax

        grams = weighed(encoded.grams[:, self.columns], self.rarity)
        found: dict[str, Floats] = {}
        for name, head in self.heads.items():
            scores = grams @ head.grams.astype(np.float32) + encoded.cues @ head.cues + head.bias
            found[name] = np.asarray(softmax(scores / head.temperature, axis=1))
        return found

    def save(self, folder: Path) -> None:
        """Write `weights.npz` and `profiles.json` into `folder`, which exists; equal classifiers give equal bytes."""
        import numpy as np

        np.savez_compressed(folder / _WEIGHTS, **self._arrays())  # type: ignore[arg-type]
        text = json.dumps(self._about() | {"fingerprint": self.fingerprint}, ensure_ascii=False, indent=1)
        (folder / _WORDS).write_text(text + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises `ModelError` for files that are missing, of another version, or changed."""
        import numpy as np

        try:
            about = json.loads((folder / _WORDS).read_text("utf-8"))
            # Read whole: numpy leaves a file open that it finds to be no archive.
            with np.load(io.BytesIO((folder / _WEIGHTS).read_bytes()), allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            heads = {
                dimension.key: Head(
                    arrays[f"{dimension.key}/grams"],
                    arrays[f"{dimension.key}/cues"],
                    arrays[f"{dimension.key}/bias"],
                    float(arrays[f"{dimension.key}/temperature"]),
                )
                for dimension in dimensions()
            }
            made = cls(arrays["columns"], arrays["rarity"], heads, str(about["trained_on"]), int(about["examples"]))
            if not made._fits() or made.fingerprint != about["fingerprint"]:
                raise ValueError("its weights, its features and its values do not belong together")
        except Exception as error:  # zip, zlib, JSON, key, shape and disk errors all mean that this is no classifier
            raise ModelError(
                f"profile classifier '{folder.name}'",
                f"cannot be read ({type(error).__name__}: {error})",
                "train it again",
                str(folder),
            ) from error
        return made

    def _about(self) -> dict[str, Any]:
        return {
            "features": FEATURE_VERSION,
            "dimensions": {dimension.key: list(dimension.keys) for dimension in dimensions()},
            "cues": content_hash([[cue.cues for cue in dimension.values] for dimension in dimensions()]),
            "trained_on": self.trained_on,
            "examples": self.examples,
        }

    def _fits(self) -> bool:
        if len(self.columns) and int(self.columns.max()) >= COLUMNS:
            return False
        return all(
            head.grams.shape == (len(self.columns), len(dimension.keys))
            and head.cues.shape == (len(cue_names()), len(dimension.keys))
            and head.bias.shape == (len(dimension.keys),)
            and head.temperature > 0
            for dimension in dimensions()
            for head in (self.heads[dimension.key],)
        )

    def _arrays(self) -> dict[str, NDArray[numpy.generic]]:
        import numpy as np

        arrays: dict[str, NDArray[numpy.generic]] = {"columns": self.columns, "rarity": self.rarity}
        for name, head in self.heads.items():
            arrays |= {f"{name}/grams": head.grams, f"{name}/cues": head.cues, f"{name}/bias": head.bias}
            arrays[f"{name}/temperature"] = np.asarray(head.temperature, dtype=np.float64)
        return arrays


def weighed(grams: csr_matrix, rarity: Floats) -> csr_matrix:
    """Counts as `(1 + log count) · idf`, each query scaled to length 1; a query without a known n-gram stays 0."""
    import numpy as np
    from scipy.sparse import csr_matrix as sparse
    from scipy.sparse import diags

    found = sparse(grams, dtype=np.float64, copy=True)
    found.data = 1 + np.log(found.data)
    found = sparse(found @ diags(np.asarray(rarity, dtype=np.float64)))
    length = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel())
    return sparse(diags(1 / np.where(length > 0, length, 1.0)) @ found)
