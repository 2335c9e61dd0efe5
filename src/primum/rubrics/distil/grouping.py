"""Groups of statements that mean the same: average linkage on the cosine of their vectors.

Average linkage is used because it asks that *all* of two groups be alike on the mean: single linkage chains unlike statements together,
complete linkage parts a group for one odd wording. Equal texts count once, so that a wording which is used often does not pull others to
itself. Pairs are compared all with all up to `most` texts; more are first cut into blocks (mini-batch k-means on 64 singular directions),
grouped in each block, and the groups' means are grouped once more across the blocks: what a cut parted can meet again. The mean cosine
of two groups is the product of their means, so that no pair is needed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Labels = NDArray[numpy.int64]

__all__ = ["blocks_of", "group", "likenesses", "means"]

_DIRECTIONS = 64


def group(rows: Any, likeness: float, most: int, seed: int = 0) -> Labels:
    """The group of each row [text, feature] (sparse or dense); groups are numbered by their first row."""
    import numpy as np

    count = rows.shape[0]
    if count <= most:
        return _numbered(_linked(rows, likeness))
    labels = np.zeros(count, dtype=np.int64)
    found = 0
    for block in blocks_of(rows, most, seed):
        inside = _linked(rows[block], likeness)
        labels[block] = inside + found
        found += int(inside.max()) + 1
    if found <= most or found < 0.98 * count:  # else another cut would find as little again
        upper = group(means(rows, labels, found), likeness, most, seed + 1)
        labels = upper[labels]
    return _numbered(labels)


def means(rows: Any, labels: Labels, count: int) -> Any:
    """The mean row of each group, sparse or dense as the rows are."""
    import numpy as np
    from scipy.sparse import csr_matrix

    sizes = np.bincount(labels, minlength=count).astype(np.float32)
    share = (1.0 / sizes)[labels]
    gather = csr_matrix((share, (labels, np.arange(len(labels)))), shape=(count, len(labels)))
    return gather @ rows


def likenesses(rows: Any) -> NDArray[numpy.float32]:
    """The products [row, row] of all pairs."""
    import numpy as np

    product = rows @ rows.T
    dense = product.toarray() if hasattr(product, "toarray") else product
    return np.asarray(dense, dtype=np.float32)


def _linked(rows: Any, likeness: float) -> Labels:
    import numpy as np
    from sklearn.cluster import AgglomerativeClustering

    if rows.shape[0] < 2:
        return np.zeros(rows.shape[0], dtype=np.int64)
    apart = 1.0 - likenesses(rows)
    np.fill_diagonal(apart, 0.0)
    np.maximum(apart, 0.0, out=apart)
    linkage = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=1.0 - likeness
    )
    return np.asarray(linkage.fit_predict(apart), dtype=np.int64)


def blocks_of(rows: Any, most: int, seed: int) -> list[Labels]:
    """Row numbers in blocks of at most `most`, alike ones together."""
    import numpy as np
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import TruncatedSVD

    reduced = rows
    if rows.shape[1] > _DIRECTIONS:
        reduced = TruncatedSVD(_DIRECTIONS, random_state=seed, n_iter=3).fit_transform(rows)
    parts = MiniBatchKMeans(-(-3 * rows.shape[0] // most), random_state=seed, n_init=1, batch_size=4096).fit_predict(
        reduced
    )
    blocks: list[Labels] = []
    open_block: list[Labels] = []
    size = 0
    for part in range(int(parts.max()) + 1):
        members = np.flatnonzero(parts == part)
        for start in range(0, len(members), most):
            piece = members[start : start + most]
            if size + len(piece) > most:
                blocks.append(np.concatenate(open_block))
                open_block, size = [], 0
            open_block.append(piece)
            size += len(piece)
    return [*blocks, np.concatenate(open_block)]


def _numbered(labels: Sequence[int] | Labels) -> Labels:
    import numpy as np

    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(int(label), len(numbers)) for label in labels], dtype=np.int64)
