"""Connectionist temporal classification: batches to train with, and decoding what a network hears into text.

    from utils import ctc
    dataset = ctc.batches(train.frames, train.text, vocabulary, batch_size=16, seed=1)
    model.compile(optimizer="adam", loss=keras.losses.CTC())
    model.fit(dataset, shuffle=False)
    texts = ctc.transcribe(model, vocabulary, test.frames)

The network reads frames and writes, at each of its timesteps, logits over the vocabulary, in which id 0, padding, is
the blank. A path, one id a timestep, stands for the text that is left when repeated ids become one and blanks are
taken out. Source: Graves, Fernandez, Gomez and Schmidhuber (2006). Lesson 08 derives it.
"""

from __future__ import annotations

import itertools
import typing

import numpy as np

from utils import arguments, text
from utils.pairs import encoded

if typing.TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    import tensorflow
    from numpy.typing import ArrayLike

BLANK = text.PAD_ID
REDUCTION = 2  # frames for each timestep of the network's output: the stride of its convolution
PAD_TO = 16  # frames: few different lengths, so that little is computed anew


def timesteps_needed(ids: Sequence[int]) -> int:
    """Return the least number of timesteps that can stand for a text: one for each id, and a blank between two equal.

    ids: of the text, without blanks. "three" needs 6: t h r e - e.
    """
    return len(ids) + sum(first == second for first, second in itertools.pairwise(ids))


def batches(
    frames: Sequence[np.ndarray],
    texts: Sequence[str],
    vocabulary: text.Vocabulary,
    batch_size: int = 16,
    shuffle: bool = True,
    seed: int = 0,
    reduction: int = REDUCTION,
) -> tensorflow.data.Dataset:
    """Return a tf.data.Dataset of (frames, ids), both padded on the right with 0, for `keras.losses.CTC`.

    frames: N float arrays of shape (T, bands), T may differ. texts: N str, what is said in each.
    Each element holds frames, float32 of shape (n, t, bands), t a multiple of 16, and ids, int32 of shape (n, l).
    n is batch_size, less in one batch. Utterances of about the same length share a batch.
    shuffle, seed, the order of batches, and shuffle=False in `model.fit`: as for `text.batches`.
    reduction: how many frames the network makes one timestep of.

    Raises ValueError, at this call, for numbers of both that differ, sizes out of range, frames of other shapes or
    with infinite numbers, an empty text or one with a token that is not in the vocabulary, and for a text that has no
    path because it is too long for its frames (its loss is infinite, of which TensorFlow makes some 700), each naming
    the row.
    """
    arguments.check_integer("batches", "batch_size", batch_size, 1)
    arguments.check_integer("batches", "reduction", reduction, 1)
    arguments.check_seed("batches", seed)
    frames = _checked_frames("batches", frames)
    answers = encoded(texts, vocabulary, "batches", "texts")
    if len(frames) != len(answers):
        raise ValueError(f"batches: there are {len(frames)} arrays of frames and {len(answers)} texts.")
    for row, (heard, ids) in enumerate(zip(frames, answers, strict=True)):
        if (needed := timesteps_needed(ids)) > (there := -(-len(heard) // reduction)):
            raise ValueError(
                f"batches: row {row} (counted from 0) has {len(heard)} frames, which make {there} timesteps, and its "
                f"text needs {needed}; no path stands for it, and its loss would be infinite."
            )
    lengths = np.array([len(heard) for heard in frames])

    def made(batch):
        return _padded([frames[row] for row in batch]), text.pad([answers[row] for row in batch])

    import tensorflow

    signature = (
        tensorflow.TensorSpec((None, None, frames[0].shape[1]), tensorflow.float32),
        tensorflow.TensorSpec((None, None), tensorflow.int32),
    )
    return text.dataset_of(made, signature, lengths, batch_size, shuffle=shuffle, seed=seed)


def _checked_frames(function, frames):
    """Return a list of float32 arrays of one width, or raise ValueError with the row that is none."""
    if isinstance(frames, (str, bytes)) or hasattr(frames, "columns") or not hasattr(frames, "__iter__"):
        raise ValueError(f"{function}: frames is {arguments.describe(frames)}; expected a list of arrays.")
    rows = []
    for row, heard in enumerate(frames):
        try:
            with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite, and is refused below
                rows.append(np.asarray(heard, dtype=np.float32))
        except (TypeError, ValueError):
            raise ValueError(
                f"{function}: row {row} of frames (counted from 0) is {arguments.describe(heard)}; expected an array "
                "of shape (T, bands)."
            ) from None
    if not rows:
        raise ValueError(f"{function}: frames is empty; give at least one array.")
    for row, heard in enumerate(rows):
        if heard.ndim != 2 or not heard.size or heard.shape[1] != rows[0].shape[-1]:
            raise ValueError(
                f"{function}: row {row} of frames (counted from 0) has shape {heard.shape}; expected (T, "
                f"{rows[0].shape[-1] if rows[0].ndim == 2 else 'bands'}), T at least 1."
            )
        if not np.isfinite(heard).all():
            raise ValueError(f"{function}: row {row} of frames (counted from 0) has numbers that are not finite.")
    return rows


def padded(frames: Sequence[np.ndarray]) -> np.ndarray:
    """Return N arrays of shape (T, bands) as one of shape (N, t, bands): zeros after each, t a multiple of 16.

    float32. Raises ValueError for no arrays, and for such as `batches` refuses.
    """
    return _padded(_checked_frames("padded", frames))


def _padded(frames):
    """Return what `padded` describes, of arrays that were checked."""
    longest = max(len(heard) for heard in frames)
    together = np.zeros((len(frames), -(-longest // PAD_TO) * PAD_TO, frames[0].shape[1]), np.float32)
    for row, heard in enumerate(frames):
        together[row, : len(heard)] = heard
    return together


# --- decoding --------------------------------------------------------------------------------------


def collapse(path: ArrayLike) -> list[int]:
    """Return the ids that a path stands for: repeated ids once, blanks left out. [0, 3, 3, 0, 3] -> [3, 3].

    path: integers, shape (T,). Raises ValueError for another shape, and for what are no integers.
    """
    path = np.asarray(path)
    if path.ndim != 1 or (path.size and path.dtype.kind not in "iu"):
        raise ValueError(
            f"collapse: path has shape {path.shape} and dtype {path.dtype}; expected integers of shape (T,), one path."
        )
    return [token for token, _ in itertools.groupby(path.tolist()) if token != BLANK]


def greedy(logits: ArrayLike) -> list[int]:
    """Return the ids that the most probable path stands for, a list of int.

    logits: shape (T, V). Raises ValueError for another shape and for NaN.
    """
    return collapse(_checked_logits("greedy", logits).argmax(axis=-1))


def beam_search(logits: ArrayLike, width: int = 8) -> list[tuple[list[int], float]]:
    """Return the most probable texts, best first: a list of (ids, log probability), at most `width` of them.

    logits: shape (T, V). After each timestep the `width` most probable prefixes are kept; a prefix's probability is
    the sum over all paths that stand for it, in two parts: those that end in a blank, and those that do not, because
    only after a blank does the same id make a new letter. With a width that nothing falls out of, it is exact.
    A logit may be minus infinity: what cannot be is not in the list.
    Source: Hannun, Maas, Jurafsky and Ng (2014), First-pass large vocabulary continuous speech recognition.
    Raises ValueError for logits of another shape and a width below 1.
    """
    logits = _checked_logits("beam_search", logits)
    arguments.check_integer("beam_search", "width", width, 1)
    log_probabilities = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
    never = (-np.inf, -np.inf)
    beam = {(): (0.0, -np.inf)}  # prefix -> log probabilities of its paths that end in a blank, and in its last id
    for step in log_probabilities.tolist():
        grown = {}

        def add(prefix, blank=-np.inf, letter=-np.inf, grown=grown):
            if blank == letter == -np.inf:
                return  # of no path: "aa" after two timesteps
            old = grown.get(prefix, never)
            grown[prefix] = (np.logaddexp(old[0], blank), np.logaddexp(old[1], letter))

        for prefix, (blank, letter) in beam.items():
            total = np.logaddexp(blank, letter)
            add(prefix, blank=total + step[BLANK])
            for token, score in enumerate(step):
                if token == BLANK:
                    continue
                if prefix and token == prefix[-1]:
                    add(prefix, letter=letter + score)  # said a little longer
                    add((*prefix, token), letter=blank + score)  # said again, after a blank
                else:
                    add((*prefix, token), letter=total + score)
        ranked = sorted(grown.items(), key=lambda item: np.logaddexp(*item[1]), reverse=True)
        beam = dict(ranked[:width])
    return [(list(prefix), float(np.logaddexp(*parts))) for prefix, parts in beam.items()]


def _checked_logits(function, logits):
    """Return logits as a float64 array of shape (T, V), or raise ValueError."""
    try:
        logits = np.asarray(logits, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{function}: logits are {arguments.describe(logits)}; expected numbers, (T, V).") from None
    if logits.ndim != 2 or not logits.size:
        raise ValueError(f"{function}: logits have shape {logits.shape}; expected (T, V), those of one utterance.")
    if not np.isfinite(logits.max(axis=-1)).all():  # NaN is the maximum where there is one
        raise ValueError(f"{function}: logits hold NaN or infinity, or a timestep at which nothing is possible.")
    return logits


def transcribe(
    model: keras.Model,
    vocabulary: text.Vocabulary,
    frames: Sequence[np.ndarray],
    width: int = 1,
    batch_size: int = 100,
) -> list[str]:
    """Return what a network writes down of each utterance: a list of str.

    model: frames (n, t, bands) -> logits (n, t', size of the vocabulary). frames: N arrays of shape (T, bands), of
    `speech.features`. width: 1 for greedy decoding, more for `beam_search`.
    Raises ValueError for frames of other shapes, sizes below 1, and a model that writes logits of another shape.
    """
    text.check_vocabulary("transcribe", vocabulary)
    arguments.check_integer("transcribe", "width", width, 1)
    arguments.check_integer("transcribe", "batch_size", batch_size, 1)
    frames = _checked_frames("transcribe", frames)
    order = np.argsort([len(heard) for heard in frames], kind="stable")
    texts = [""] * len(frames)
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        written = np.asarray(model(_padded([frames[row] for row in rows])))
        if written.ndim != 3 or (len(written), written.shape[-1]) != (len(rows), len(vocabulary)):
            raise ValueError(
                f"transcribe: the model makes logits of shape {written.shape} of {len(rows)} utterances; expected "
                f"({len(rows)}, timesteps, {len(vocabulary)}), the last number being the vocabulary's size."
            )
        for row, logits in zip(rows, written, strict=True):
            ids = greedy(logits) if width == 1 else beam_search(logits, width)[0][0]
            texts[row] = vocabulary.decode(ids)
    return texts
