"""Batches for sequence to sequence: a source, what the decoder has written so far, and what it is to write next.

    from utils import pairs
    dataset = pairs.batches(train.date, train.iso, characters, digits, batch_size=64, seed=1)
    model.fit(dataset, shuffle=False)       # a model of two inputs: source ids and target ids

TensorFlow is imported inside the function that needs it.
"""

from __future__ import annotations

import typing

import numpy as np

from utils import arguments, text

if typing.TYPE_CHECKING:
    from collections.abc import Iterable

    import tensorflow


def batches(
    sources: Iterable[str],
    targets: Iterable[str],
    source_vocabulary: text.Vocabulary,
    target_vocabulary: text.Vocabulary,
    batch_size: int = 64,
    shuffle: bool = True,
    seed: int = 0,
) -> tensorflow.data.Dataset:
    """Return a tf.data.Dataset of ((source, before), after) for teacher forcing, padded on the right with 0.

    sources, targets: N str each, targets[i] being the answer to sources[i]. target_vocabulary: one with bounds.
    Each element holds int32 ids: source, shape (n, s), the source as it is; before, shape (n, t), <bos> and the
    target; after, shape (n, t), the target and <eos>. So after[:, i] is what follows before[:, : i + 1]. n is
    batch_size, less in one batch. Pairs of about the same source length share a batch.

    Leave padding out of the loss: `keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)`.
    shuffle, seed, the order of batches, and shuffle=False in `model.fit`: as for `text.batches`.

    Raises ValueError, at this call, for texts that are no str, numbers of both that differ, a target vocabulary
    without <bos> and <eos>, sizes out of range; for a text that holds no token, and for one with a token that is
    not in its vocabulary, naming the row: a network that is taught <unk> as an answer would give it.
    """
    arguments.check_integer("batches", "batch_size", batch_size, 1)
    arguments.check_seed("batches", seed)
    rows = encoded(sources, source_vocabulary, "batches", "sources")
    answers = encoded(targets, target_vocabulary, "batches", "targets", bounds=True)
    if len(rows) != len(answers) or not rows:
        raise ValueError(
            f"batches: there are {len(rows)} sources and {len(answers)} targets; give as many of both, at least one."
        )
    lengths = np.array([len(row) for row in rows])

    def made(batch):
        target = text.pad([answers[row] for row in batch])
        # <eos> is what ends a row, so in `before` it stands only where nothing follows; 0 in its place.
        before = np.where(target[:, 1:] == text.PAD_ID, text.PAD_ID, target[:, :-1])
        return (text.pad([rows[row] for row in batch]), before), target[:, 1:]

    import tensorflow

    ids = tensorflow.TensorSpec((None, None), tensorflow.int32)
    return text.dataset_of(made, ((ids, ids), ids), lengths, batch_size, shuffle=shuffle, seed=seed)


def encoded(
    texts: Iterable[str], vocabulary: text.Vocabulary, function: str, name: str, bounds: bool = False
) -> list[list[int]]:
    """Return the ids of some texts, a list of lists, or raise ValueError in the name of a function.

    bounds: put <bos> and <eos> around each. An empty text, and a token that the vocabulary lacks, are refused with
    their row, counted from 0.
    """
    text.check_vocabulary(function, vocabulary)
    if bounds and not vocabulary.bounds:
        raise ValueError(f"{function}: the vocabulary of {name} has no <bos> and <eos>; make it with bounds=True.")
    rows = []
    for row, content in enumerate(arguments.checked_texts(function, name, texts)):
        if unknown := vocabulary.unknown(content):
            raise ValueError(
                f"{function}: row {row} of {name} (counted from 0), {content[:40]!r}, has {vocabulary.level}s that its "
                f"vocabulary lacks: {', '.join(map(repr, unknown[:10]))}."
            )
        rows.append(vocabulary.encode(content, bounds=bounds))
        if len(rows[-1]) == 2 * bounds:
            raise ValueError(f"{function}: row {row} of {name} (counted from 0) is empty: {content[:40]!r}.")
    return rows
