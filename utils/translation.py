"""Decode with an encoder-decoder: greedily or with a beam, all steps in one compiled loop, with attention or without.

    from utils import translation
    translator = translation.Translator(encode, step, letters, phonemes, longest_source=20, max_length=28)
    [found] = translator.greedy("tomato")
    found.text, found.log_probability, found.attention
    [[best, second, *_]] = translator.beam_search("tomato", width=5)

The network is yours: two functions, made of the layers that were trained.

encode(sources) -> (states, memory)
    sources: int32 ids, shape (n, s), 0 for padding. states: what the decoder carries from step to step, a tensor of
    shape (n, ...) or a structure of such, as (h, c). memory: what attention looks at, tensors of shape (n, s, ...);
    None without attention.
step(ids, states, memory, mask) -> (logits, states, weights)
    ids: int32, shape (n,), the last token of each row, <bos> at first. mask: bool, shape (n, s), False at padding.
    logits: of the next token, shape (n, V). weights: where it looked, shape (n, s), or None.

Calling model.predict for each token reads the source again each time, and most of the time goes into the call; here
the source is read once. TensorFlow is imported inside the functions that need it.
"""

from __future__ import annotations

import typing

import numpy as np

from utils import arguments, pairs, text

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

LOOPS = ("plain", "xla", "python")
GROUP = 512  # hypotheses that are decoded together, at most
STRIDE = 8  # for XLA, sources are padded to a multiple of this, so that few lengths are compiled for


class Translation(typing.NamedTuple):
    """What was found for a source.

    text: a str, and tokens: the same as a list of str, without <eos>. log_probability: of the tokens and <eos>, in
    nats. complete: whether <eos> was reached; if not, max_length tokens were not enough. attention: float32, shape
    (len(tokens), tokens of the source), whose row i says where the network looked when it wrote token i; None where
    `step` gives no weights.
    """

    text: str
    tokens: list[str]
    log_probability: float
    complete: bool
    attention: np.ndarray | None


class Translator:
    """Translates with an encoder-decoder; each call uses the weights that its layers have then.

    encode, step: the network; see above. source_vocabulary, target_vocabulary: utils.text.Vocabulary, the latter with
    bounds. longest_source: the largest number of tokens in a source that the network was trained on. max_length: the
    number of tokens at which an answer is cut.
    <pad>, <unk> and <bos> are never written.
    """

    def __init__(
        self,
        encode: Callable[..., Any],
        step: Callable[..., Any],
        source_vocabulary: text.Vocabulary,
        target_vocabulary: text.Vocabulary,
        *,
        longest_source: int,
        max_length: int,
    ):
        for name, value in (("encode", encode), ("step", step)):
            if not callable(value):
                raise ValueError(f"Translator: {name} is {arguments.describe(value)}; expected a function.")
        text.check_vocabulary("Translator", source_vocabulary)
        text.check_vocabulary("Translator", target_vocabulary)
        if not target_vocabulary.bounds:
            raise ValueError("Translator: target_vocabulary has no <bos> and <eos>; make it with bounds=True.")
        arguments.check_integer("Translator", "longest_source", longest_source, 1)
        arguments.check_integer("Translator", "max_length", max_length, 1)
        self._encode, self._step = encode, step
        self.source_vocabulary, self.target_vocabulary = source_vocabulary, target_vocabulary
        self.longest_source, self.max_length = int(longest_source), int(max_length)
        self._start, self._end = target_vocabulary.ids[text.BOS], target_vocabulary.ids[text.EOS]
        self._banned = np.zeros(len(target_vocabulary), np.float32)
        self._banned[[text.PAD_ID, text.UNK_ID, self._start]] = -np.inf
        self._compiled = {}

    def greedy(self, sources: str | Sequence[str], *, loop: str = "plain") -> list[Translation]:
        """Return a Translation of each source: at each step the most probable token.

        sources: a list of str, or one str, which gives a list of one.
        loop: "plain", one TensorFlow function for all sources, which its first call builds in a second or more; "xla",
        four times as fast for one word, but compiled for seconds whenever a number of sources, a length (in steps of
        8) or a width is met first; or "python", a loop over `step`. All give the same, but where rounding decides.

        Raises ValueError, before anything is decoded, for an empty source, a token that the source vocabulary lacks,
        and a source longer than the network was trained on, naming the row: an answer to these would be a guess.
        """
        return [found for [found] in self._translate("Translator.greedy", sources, 1, 0.0, loop)]

    def beam_search(
        self, sources: str | Sequence[str], width: int = 5, *, length_penalty: float = 0.0, loop: str = "plain"
    ) -> list[list[Translation]]:
        """Return for each source a list of the `width` most probable translations found, best first.

        At each step the `width` best beginnings are each continued by every token, and the `width` best of the
        results are kept; those that have ended stay as they are and compete with the others. Width 1 is greedy.
        There are fewer than `width` where fewer can be written. (Sutskever et al. 2014, "Sequence to sequence
        learning with neural networks".)
        length_penalty: the power a; hypotheses are compared by log-probability / length**a, length in tokens with
        <eos>. 0 compares log-probabilities, 1 their means. sources, loop, errors: as for `greedy`.
        """
        function = "Translator.beam_search"
        arguments.check_integer(function, "width", width, 1)
        arguments.check_not_negative(function, "length_penalty", length_penalty)
        return self._translate(function, sources, int(width), float(length_penalty), loop)

    # --- from sources to arrays and back -------------------------------------------------------------

    def _translate(self, function, sources, width, length_penalty, loop):
        """Return `beam_search`; sources of about the same length are decoded together."""
        arguments.check_choice(function, "loop", loop, LOOPS)
        rows = self._read(function, [sources] if isinstance(sources, str) else sources)
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
        found = [None] * len(rows)
        group = max(1, GROUP // width)
        for first in range(0, len(order), group):
            chosen = order[first : first + group]
            results = self._group([rows[index] for index in chosen], width, length_penalty, loop)
            for index, result in zip(chosen, results, strict=True):
                found[index] = result
        return found

    def _read(self, function, sources):
        """Return the ids of each source, or raise ValueError."""
        rows = pairs.encoded(sources, self.source_vocabulary, function, "sources")
        if not rows:
            raise ValueError(f"{function}: sources is empty; give at least one str.")
        for index, row in enumerate(rows):
            if len(row) > self.longest_source:
                raise ValueError(
                    f"{function}: row {index} of sources (counted from 0) has {len(row)} tokens; the network was "
                    f"trained on {self.longest_source} at most."
                )
        return rows

    def _group(self, rows, width, length_penalty, loop):
        """Return a list of Translations, best first, for each row of ids."""
        length = max(map(len, rows))
        sources = text.pad(rows, -(-length // STRIDE) * STRIDE if loop == "xla" else length)
        search = self._search_in_python if loop == "python" else self._function(loop)
        outcome = search(sources, width if loop == "xla" else np.int32(width), np.float32(length_penalty))
        steps, totals, ended, *history = (None if part is None else np.asarray(part) for part in outcome)
        tokens, parents, attention = (None if part is None else part[:steps] for part in history)
        if np.isnan(totals).any():
            raise ValueError("Translator: the logits hold NaN or infinity; has the network's training failed?")
        return [
            [
                self._traced(index, beam, len(row), totals, ended, tokens, parents, attention)
                for beam in range(width)
                if totals[index, beam] > -np.inf
            ]
            for index, row in enumerate(rows)
        ]

    def _traced(self, row, beam, length, totals, ended, tokens, parents, attention):
        """Return one Translation, followed from its last token back to its first; length: of the source."""
        total, complete, ids, weights = float(totals[row, beam]), bool(ended[row, beam]), [], []
        for chosen, parent, looked in zip(
            tokens[::-1], parents[::-1], attention[::-1] if attention is not None else tokens[::-1], strict=True
        ):
            token, beam = int(chosen[row, beam]), int(parent[row, beam])
            if token not in (text.PAD_ID, self._end):  # <pad> goes on after <eos>
                ids.append(token)
                weights.append(looked[row, beam])
        ids = ids[::-1]
        attended = None
        if attention is not None:
            attended = np.stack(weights[::-1])[:, :length] if ids else np.zeros((0, length), np.float32)
        words = [self.target_vocabulary.tokens[token] for token in ids]
        return Translation(self.target_vocabulary.decode(ids), words, total, complete, attended)

    def _function(self, loop):
        """Return `_search`, compiled: "plain" once for all shapes and widths, "xla" for each."""
        import tensorflow as tf

        if loop not in self._compiled:
            signature = [tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((), tf.int32), tf.TensorSpec(())]
            signature = signature if loop == "plain" else None
            self._compiled[loop] = tf.function(
                self._search, input_signature=signature, autograph=False, jit_compile=loop == "xla"
            )
        return self._compiled[loop]

    # --- the search ----------------------------------------------------------------------------------

    def _search(self, sources, width, length_penalty):
        """Search in TensorFlow. sources: int32, shape (n, s); width: k; length_penalty: float32.

        Returns (steps, log-probabilities (n, k), ended (n, k), tokens (T, n, k), parents (T, n, k), weights
        (T, n, k, s) or None): in step t hypothesis i goes on from parents[t, :, i] with tokens[t, :, i]. What lies
        beyond the steps that were needed means nothing.
        """
        import keras
        import tensorflow as tf

        count, vocabulary = sources.shape[0] or tf.shape(sources)[0], len(self.target_vocabulary)
        states, memory = self._encode(sources)
        repeated = _each(lambda part: tf.repeat(part, width, axis=0), (states, memory, sources > 0))
        states, memory, mask = repeated
        only_pad = tf.where(tf.range(vocabulary) == text.PAD_ID, 0.0, -np.inf)  # how one goes on that has ended
        rows = width * tf.range(count)[:, None]

        def one(t, ids, states, totals, lengths, ended, written):
            logits, new, weights = self._step(ids, states, memory, mask)
            scores = tf.nn.log_softmax(tf.cast(logits, tf.float32)) + self._banned
            scores = tf.reshape(scores, (count, width, vocabulary))
            scores = totals[..., None] + tf.where(ended[..., None], only_pad, scores)
            lengths += tf.where(ended, 0.0, 1.0)
            ranks = scores / lengths[..., None] ** length_penalty
            _, best = tf.math.top_k(tf.reshape(ranks, (count, width * vocabulary)), width)
            parents, tokens = best // vocabulary, best % vocabulary
            totals = _like(tf.gather(tf.reshape(scores, (count, -1)), best, batch_dims=1), totals)
            broken = tf.reduce_any(tf.reshape(~(logits < np.inf), (count, -1)), axis=-1, keepdims=True)  # or NaN
            totals = tf.where(broken, np.nan, totals)
            lengths, ended = (tf.gather(part, parents, batch_dims=1) for part in (lengths, ended))
            ended |= tokens == self._end
            chosen = tf.reshape(rows + parents, [-1])
            states = keras.tree.map_structure(lambda old, part: _like(tf.gather(part, chosen), old), states, new)
            written = [array.write(t, part) for array, part in zip(written, (tokens, parents, weights), strict=False)]
            return t + 1, tf.reshape(tokens, [-1]), states, totals, lengths, ended, written

        ids = tf.fill([count * width], self._start)
        totals = tf.tile(tf.where(tf.range(width) == 0, 0.0, -np.inf)[None], [count, 1])
        zeros = tf.zeros((count, width))
        looks = self._looks(ids, states, memory, mask)
        shapes = [zeros.shape, zeros.shape, mask.shape]
        written = [
            tf.TensorArray(dtype, self.max_length, element_shape=shape)
            for dtype, shape in zip((tf.int32, tf.int32, tf.float32)[: 2 + looks], shapes, strict=False)
        ]
        steps, _, _, totals, _, ended, written = tf.while_loop(
            lambda t, ids, states, totals, lengths, ended, written: tf.reduce_any(~ended & (totals > -np.inf)),
            one,
            (0, ids, states, totals, zeros, zeros > 0, written),
            maximum_iterations=self.max_length,
        )
        tokens, parents, *weights = (array.stack() for array in written)
        weights = tf.reshape(weights[0], (self.max_length, count, width, -1)) if looks else None
        return steps, totals, ended, tokens, parents, weights

    def _looks(self, ids, states, memory, mask):
        """Tell whether `step` gives attention weights; what it computes here is not used, and so not computed."""
        return self._step(ids, states, memory, mask)[2] is not None

    def _search_in_python(self, sources, width, length_penalty):
        """Do what `_search` does in a plain Python loop: what the others are tested against."""
        count, width, vocabulary = len(sources), int(width), len(self.target_vocabulary)
        states, memory = self._encode(sources)
        take = lambda part, rows: np.asarray(part)[rows]  # noqa: E731
        beams = np.repeat(np.arange(count), width)
        states, memory, mask = _each(lambda part: take(part, beams), (states, memory, sources > 0))
        ids = np.full(count * width, self._start, np.int32)
        totals = np.full((count, width), -np.inf, np.float32)
        totals[:, 0] = 0
        lengths, ended, history = np.zeros((count, width), np.float32), np.zeros((count, width), bool), []
        for _ in range(self.max_length):
            logits, states, weights = self._step(ids, states, memory, mask)
            scores = (_log_softmax(np.asarray(logits, np.float32)) + self._banned).reshape(count, width, vocabulary)
            scores[ended] = np.where(np.arange(vocabulary) == text.PAD_ID, 0, -np.inf)
            scores = totals[..., None] + scores
            lengths = lengths + ~ended
            ranks = (scores / lengths[..., None] ** length_penalty).reshape(count, -1)
            best = np.argsort(-ranks, axis=-1, kind="stable")[:, :width]
            parents, tokens = np.divmod(best, vocabulary)
            totals = np.take_along_axis(scores.reshape(count, -1), best, -1)
            broken = ~(np.asarray(logits) < np.inf)  # or NaN
            totals[broken.reshape(count, -1).any(axis=-1)] = np.nan
            lengths, ended = (np.take_along_axis(part, parents, -1) for part in (lengths, ended))
            ended = ended | (tokens == self._end)
            chosen = (width * np.arange(count)[:, None] + parents).ravel()
            states = _each(lambda part: take(part, chosen), states)  # noqa: B023
            ids = tokens.ravel().astype(np.int32)
            looked = None if weights is None else np.asarray(weights).reshape(count, width, -1)
            history.append((tokens, parents, looked))
            if not (~ended & (totals > -np.inf)).any():
                break
        tokens, parents, weights = zip(*history, strict=True)
        weights = None if weights[0] is None else np.array(weights)
        return len(history), totals, ended, np.array(tokens), np.array(parents), weights


# --- small things ----------------------------------------------------------------------------------


def _each(function, structure):
    """Return a structure with a function applied to each tensor; None stays None."""
    import keras

    return keras.tree.map_structure(lambda part: None if part is None else function(part), structure)


def _like(part, old):
    """Return a tensor with what is known of the shape of another."""
    part.set_shape(old.shape)
    return part


def _log_softmax(logits):
    """Return the log-probabilities of logits, shape (..., V), in NumPy."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
