"""Generate text with a Keras model, and score text with it, the state carried from token to token.

    from utils import generation
    generator = generation.TextGenerator(model, vocabulary)
    [sonnet] = generator.generate("Shall I compare", max_length=400, temperature=0.8, seed=1)
    generator.perplexity(validation_text)

Calling model.predict on a window of text for each new character is thousands of times slower: it reads the
window again each time, and most of the time goes into the call. Here a token costs one timestep, and the
loop over the tokens runs inside one compiled function. Further inside:

utils.stepping   one timestep of the model (the equations of lessons 01 to 03)
utils.decoding   temperature, top-k, top-p, and the draw; Sampling, and how to write one of your own

TensorFlow is imported inside the functions that need it.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import math
import secrets
import time
import typing
import warnings

import numpy as np

from utils import arguments, decoding, stepping, text

if typing.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    import keras

# What a lesson needs of utils.decoding, under this module's name too.
temperature, top_k, top_p, sample = decoding.temperature, decoding.top_k, decoding.top_p, decoding.sample
Sampling, MinP, RepetitionPenalty = decoding.Sampling, decoding.MinP, decoding.RepetitionPenalty

CHUNK = 1024  # timesteps in one call of the compiled loop
READ = 256  # tokens that are scored in one call, all rows together
GROUP = 256  # rows generated together, at most
LOOPS = ("auto", "xla", "plain", "numpy")
_FOREIGN = " They are most of the prompt: it is in a language or script that this model never read."


class Continuation(typing.NamedTuple):
    """One result of beam search: a text, and the log-probability of what was added to the prompt (nats)."""

    text: str
    log_probability: float


class TextGenerator:
    """Generates and scores text with a Keras model; it makes none of its own and changes nothing in it.

    model: Embedding, then LSTM, GRU or SimpleRNN layers with return_sequences=True, MinGRU (utils.layers), or
    MultiHeadAttention with a causal mask, then Dense of logits or softmax; so also a Transformer. See
    `stepping.Network` for what may lie between. Each call uses the weights that the model has then.
    vocabulary: the utils.text.Vocabulary of its ids, level "word" or "character".

    <pad>, <unk> and <bos> are never generated. Where the vocabulary has bounds, every text starts from
    <bos>, and <eos> ends it.

    Raises ValueError for a model of another form (the layer is named), or of another size than the vocabulary. A
    model with positions (utils.layers.Positions) reads so many tokens and no more: every call that may need more
    raises ValueError before it begins.
    """

    def __init__(self, model: keras.Model, vocabulary: text.Vocabulary):
        text.check_vocabulary("TextGenerator", vocabulary)
        self._network = stepping.Network(model)
        inputs, outputs = self._network.inputs, self._network.outputs
        if outputs != len(vocabulary) or inputs < len(vocabulary):
            raise ValueError(
                f"TextGenerator: the vocabulary has {len(vocabulary)} ids; the model's Embedding takes {inputs} "
                f"and its Dense gives {outputs}. Make both len(vocabulary)."
            )
        self.vocabulary = vocabulary
        self._start = [vocabulary.ids[text.BOS]] if vocabulary.bounds else []
        self._end = vocabulary.ids[text.EOS] if vocabulary.bounds else None
        self._banned = np.zeros(len(vocabulary), np.float32)
        self._banned[[text.PAD_ID, text.UNK_ID, *self._start]] = -np.inf
        self._compiled = {}
        self._timed = {}  # number of rows -> the loop that was faster

    # --- generating ----------------------------------------------------------------------------------

    def generate(
        self, prompts: str | Sequence[str], *, return_log_probs: bool = False, **options: Any
    ) -> list[str] | tuple[list[str], list[np.ndarray]]:
        """Return a list of texts: each prompt as it was given, and what the model adds to it.

        prompts: list of str of any lengths, or one str, which gives a list of one text. They are generated
        together; each is read from its start, whole. Tokens outside the vocabulary are read as <unk>, with a
        warning. An empty prompt starts from <bos>.
        max_length: the number of tokens (characters, or words) added at most; the prompt does not count.
        temperature: 0 is greedy, always the most probable token; 1 draws from the model's probabilities.
        top_k, top_p: draw only from the k most probable tokens; from the smallest set whose probability
        reaches p.
        sampling: in place of these three, an object that holds them and more: MinP(0.1, temperature=1.5),
        RepetitionPenalty(1.2), or one of your own; see utils.decoding.
        stop: a token after which a text ends (it is the last one in the text); each row ends on its own.
        seed: an integer from 0 to 2**32 - 1. Row i draws from (seed, i) alone: the first texts of a longer
        list of prompts are the same texts, and so are the first characters of a longer text. Without a seed
        every call draws anew.
        return_log_probs: return (texts, log_probs); log_probs holds for each text a float32 array with the
        log-probability (nats) of each added token under the model's own softmax, before temperature and
        filters, <eos> included.
        loop: "xla" or "plain" TensorFlow, "numpy" for a plain NumPy loop, "auto" for what is fastest. All
        give the same texts, but for draws that rounding decides: one in 50,000 with 8,000 words, fewer with
        characters. Several rows at once may differ by as much from each alone.

        Raises ValueError, before anything is generated, for arguments that are out of range.
        """
        prompts = [prompts] if isinstance(prompts, str) else prompts
        rows, prompts = self._read_prompts("TextGenerator.generate", prompts)
        options = self._options("TextGenerator.generate", **options)
        self._check_prompts("TextGenerator.generate", rows, options)
        texts, log_probs = [], []
        for first in range(0, len(rows), GROUP):
            group = rows[first : first + GROUP]
            writers = [_Writer(self.vocabulary, row, prompts[first + index]) for index, row in enumerate(group)]
            kept = [[] for _ in group]
            for pieces in self._chunks(group, options, first_row=first):
                for writer, scores, (ids, log_prob) in zip(writers, kept, pieces, strict=True):
                    writer.add(ids)
                    if return_log_probs:
                        scores.append(log_prob)
            texts += [prompts[first + index] + writer.take() for index, writer in enumerate(writers)]
            log_probs += [np.concatenate([np.zeros(0, np.float32), *scores]) for scores in kept]
        return (texts, log_probs) if return_log_probs else texts

    def stream(self, prompt: str, *, every: int = 16, **options: Any) -> Iterator[str]:
        """Return an iterator over pieces of one text, as they come; joined they are what `generate` returns.

        The first piece is the prompt. every: the number of tokens in a piece, at most 1024. The other
        arguments, and the errors (raised at this call), are those of `generate`.
        """
        rows, [prompt] = self._read_prompts("TextGenerator.stream", [prompt])
        options = self._options("TextGenerator.stream", **options)
        self._check_prompts("TextGenerator.stream", rows, options)
        arguments.check_integer("TextGenerator.stream", "every", every, 1)

        def pieces():
            writer = _Writer(self.vocabulary, rows[0], prompt)
            yield prompt
            for [(ids, _)] in self._chunks(rows, options, chunk=every):
                writer.add(ids)
                if piece := writer.take():
                    yield piece

        return pieces()

    def beam_search(
        self,
        prompt: str,
        width: int = 5,
        *,
        max_length: int = 100,
        stop: str | None = None,
        length_penalty: float = 0.0,
    ) -> list[Continuation]:
        """Return the `width` most probable continuations found, best first: a list of Continuation.

        At each step the `width` best texts are each continued by every token, and the `width` best of the
        results are kept; texts that have ended (stop, <eos>) stay as they are and compete with the others.
        Width 1 is greedy. (Lowerre 1976, "The Harpy speech recognition system"; Sutskever et al. 2014.)
        max_length, stop: as in `generate`.
        length_penalty: the power a, from 0 to 10; texts are compared by log-probability / length**a, length in
        tokens. 0 compares log-probabilities, which favours short texts where texts can end; 1 compares means.
        The steps run in NumPy. Raises ValueError for arguments out of range.
        """
        function = "TextGenerator.beam_search"
        [row], [prompt] = self._read_prompts(function, [prompt])
        arguments.check_integer(function, "width", width, 1)
        options = self._options(function, max_length=max_length, stop=stop)
        arguments.check_between(function, "length_penalty", length_penalty, 0, 10)
        self._check_prompts(function, [row], options)
        weights = stepping.as_numpy(self._network.weights(table=False))
        states = self._network.initial_states(1, len(row))
        for token in row[:-1]:
            _, states = self._network.step(weights, [token], states, np)
        beams, totals, ended = [[row[-1]]], np.zeros(1), np.zeros(1, bool)
        for added in range(options.max_length):
            states = self._network.with_room(states, len(row) + added)
            logits, states = self._network.step(weights, [beam[-1] for beam in beams], states, np)
            totals_next = totals[:, None] + stepping.log_softmax(logits) + self._banned
            totals_next[ended] = -np.inf
            totals_next[ended, 0] = totals[ended]  # a text that has ended goes on in one way: as it is
            lengths = np.array([len(beam) - 1 for beam in beams]) + ~ended
            ranks = (totals_next / lengths[:, None] ** length_penalty).ravel()
            best = np.argsort(-ranks, kind="stable")[:width]
            best = best[ranks[best] > -np.inf]
            sources, tokens = np.divmod(best, logits.shape[-1])
            beams = [beams[i] + ([] if ended[i] else [int(token)]) for i, token in zip(sources, tokens, strict=True)]
            totals, ended = totals_next.ravel()[best], ended[sources] | options.stops[tokens] & ~ended[sources]
            states = [tuple(part[sources] for part in state) for state in states]
            if ended.all():
                break
        found = []
        for beam, total in zip(beams, totals, strict=True):
            writer = _Writer(self.vocabulary, row, prompt)
            writer.add(np.array(beam[1:]))
            found.append(Continuation(prompt + writer.take(), float(total)))
        return found

    # --- scoring -------------------------------------------------------------------------------------

    def nats(self, content: str) -> np.ndarray:
        """Return -log(probability) of each token of a text given all before it, float32, shape (tokens - 1,).

        The text is read once, from left to right, the state carried. The first token has nothing before it
        and is not scored, unless the vocabulary has bounds: then the text starts from <bos>, and the shape is
        (tokens,). Tokens outside the vocabulary are scored as <unk>.
        Raises ValueError for a text with nothing to score.
        """
        return self._nats("TextGenerator.nats", [content])[0]

    def perplexity(self, texts: str | Sequence[str]) -> float:
        """Return exp(mean of nats) over all the tokens of a text, or of a list of texts: 1 is perfect.

        A model that knows nothing has a perplexity of V, the size of the vocabulary.
        """
        nats = self._nats("TextGenerator.perplexity", [texts] if isinstance(texts, str) else texts)
        return float(np.exp(np.concatenate(nats).mean(dtype=np.float64)))

    def bits_per_character(self, texts: str | Sequence[str]) -> float:
        """Return the information in a text, or a list of texts, in bits per character that was predicted.

        That is the sum of nats / (ln 2 * characters), so models of words and of characters can be compared.
        The characters of a first token that is not scored do not count.
        """
        function = "TextGenerator.bits_per_character"
        texts = [texts] if isinstance(texts, str) else _list_of_texts(function, "texts", texts)
        nats = self._nats(function, texts)
        characters = sum(map(len, texts))
        if not self._start:
            characters -= sum(len(text.tokenize(content, self.vocabulary.level)[0]) for content in texts)
        return float(np.concatenate(nats).sum(dtype=np.float64) / (math.log(2) * characters))

    def _nats(self, function, texts):
        """Return `nats` of each text; short ones are read together, similar lengths side by side."""
        rows = []
        for index, content in enumerate(_list_of_texts(function, "texts", texts)):
            rows.append(np.array(self._start + self.vocabulary.encode(content), np.int32))
            if len(rows[-1]) < 2:
                needed = "one token" if self._start else "two tokens, as the first is not scored"
                raise ValueError(f"{function}: text {index} is {content[:20]!r}; it needs at least {needed}.")
            self._check_positions(
                function,
                len(rows[-1]) - 1,
                f"text {index} has {len(rows[-1]) - len(self._start)} tokens",
                "Cut the text into shorter ones.",
            )
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
        result = [None] * len(rows)
        weights = self._network.weights()
        for first in range(0, len(rows), 16):
            chosen = order[first : first + 16]
            for index, scores in zip(chosen, self._read([rows[index] for index in chosen], weights), strict=True):
                result[index] = scores
        return result

    def _read(self, rows, weights):
        """Return the nats of each row of ids, read together in chunks with the state carried."""
        batch = _padded_batch(len(rows))
        length = READ // batch
        loop = _usual_loop(batch, weights) or "plain"  # of many rows both are about as fast
        ids = np.zeros((batch, -(-(max(map(len, rows)) - 1) // length) * length + 1), np.int32)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = row
        timesteps = ids.shape[1] - 1  # of whole chunks
        run = self._function("read", loop, batch, timesteps)
        states, chunks = self._network.initial_states(batch, timesteps), []
        for start in range(0, timesteps, length):
            steps = np.int32(min(length, max(map(len, rows)) - 1 - start))
            chunk, states = run(weights, states, ids[:, start : start + length + 1].T, steps)
            chunks.append(chunk.numpy())
        scores = np.concatenate(chunks).T
        return [scores[index, : len(row) - 1].copy() for index, row in enumerate(rows)]

    # --- arguments -----------------------------------------------------------------------------------

    def _read_prompts(self, function, prompts):
        """Return (ids of each prompt, prompts), or raise ValueError; warn of what the vocabulary lacks."""
        prompts = _list_of_texts(function, "prompts", prompts)
        rows = []
        for index, prompt in enumerate(prompts):
            ids = self.vocabulary.encode(prompt)
            if unknown := self.vocabulary.unknown(prompt):
                names = ", ".join(map(repr, unknown[:10])) + (", ..." if len(unknown) > 10 else "")
                most = 2 * ids.count(text.UNK_ID) > len(ids)
                warnings.warn(
                    f"{function}: prompt {index} has {self.vocabulary.level}s outside the vocabulary: {names}; "
                    f"the model reads <unk> for them.{_FOREIGN * most}",
                    stacklevel=3,
                )
            rows.append(self._start + ids)
            if not rows[-1]:
                raise ValueError(
                    f"{function}: prompt {index} is {prompt[:20]!r}, which holds no token, and the vocabulary has no "
                    "<bos> to start from; give at least one token, or make the vocabulary with bounds=True."
                )
        return rows, prompts

    def _check_prompts(self, function, rows, options):
        """Raise ValueError if the model has fewer positions than prompts and what is added to them may need."""
        longest = max(map(len, rows))
        asked = f"a prompt of {longest} tokens and max_length {options.max_length}"
        # The last token that is added is not read.
        self._check_positions(
            function, longest - 1 + options.max_length, asked, "Give a shorter prompt or a smaller max_length."
        )

    def _check_positions(self, function, needed, asked, remedy):
        """Raise ValueError if the model has positions, and fewer than are needed for what was asked."""
        positions = self._network.positions
        if positions is not None and needed > positions:
            raise ValueError(f"{function}: {asked}: that needs {needed} positions; the model has {positions}. {remedy}")

    def _options(self, function, *, max_length=100, sampling=None, stop=None, seed=None, loop="auto", **fields):
        """Return checked options of generating. fields: of a plain Sampling."""
        size = len(self.vocabulary)
        arguments.check_integer(function, "max_length", max_length, 1)
        if unknown := fields.keys() - {field.name for field in dataclasses.fields(Sampling)}:
            raise TypeError(f"{function}() got an unexpected keyword argument {min(unknown)!r}")
        if sampling is None:
            sampling = Sampling(**fields)
        elif fields:
            raise ValueError(f"{function}: sampling and {' and '.join(fields)} are given; give all as one sampling.")
        if not isinstance(sampling, Sampling):
            raise ValueError(f"{function}: sampling is {arguments.describe(sampling)}; expected a Sampling.")
        sampling.check(function, size)
        if seed is None:
            seed = secrets.randbits(32)
        arguments.check_seed(function, seed)
        stops = np.zeros(size, bool)
        if stop is not None:
            if not isinstance(stop, str) or stop not in self.vocabulary:
                raise ValueError(f"{function}: stop is {stop!r}; it must be one token of the vocabulary.")
            if np.isneginf(self._banned[self.vocabulary.ids[stop]]):
                raise ValueError(f"{function}: stop is {stop!r}, which is never generated.")
            stops[self.vocabulary.ids[stop]] = True
        if self._end is not None:
            stops[self._end] = True
        arguments.check_choice(function, "loop", loop, LOOPS)
        settings = {"sampling": sampling.values(function, size), "banned": self._banned, "stops": stops}
        return _Options(int(max_length), int(seed), loop, type(sampling), stops, settings)

    # --- the loop ------------------------------------------------------------------------------------

    def _chunks(self, rows, options, first_row=0, chunk=None):
        """Yield what is new in each row, chunk by chunk: a list of (ids, log-probabilities), one a row.

        rows: the prompts' ids, none empty. All rows run in step: while one still reads its prompt, a shorter
        one has begun to generate.
        """
        loop = options.loop
        weights = self._network.weights(table=loop != "numpy")
        lengths = [len(row) for row in rows]
        total = max(lengths) - 1 + options.max_length
        if loop == "auto":
            loop = self._faster_loop(_padded_batch(len(rows)), weights, options, min(total, CHUNK))
        batch = len(rows) if loop == "numpy" else _padded_batch(len(rows))
        weights = stepping.as_numpy(weights) if loop == "numpy" else weights
        random = [np.random.RandomState([options.seed, first_row + index]) for index in range(len(rows))]
        ids = np.array([row[0] for row in rows] + [0] * (batch - len(rows)), np.int32)
        finished = np.arange(batch) >= len(rows)  # rows that only fill up the batch
        states, counts = self._initial_states(ids, options)
        chunk = min(chunk or CHUNK, CHUNK)
        for start in range(0, total, chunk):
            steps = min(chunk, total - start)
            # Room for all that is to come would be too much where only a stop ends a text.
            timesteps = min(total, -(-(start + steps) // CHUNK) * CHUNK)
            states = self._network.with_room(states, timesteps)
            run = self._function("sample", loop, batch, timesteps, options.sampling)
            prompt = np.full((CHUNK, batch), -1, np.int32)
            uniforms = np.zeros((CHUNK, batch))
            for index, row in enumerate(rows):
                rest = row[start + 1 : start + 1 + steps]
                prompt[: len(rest), index] = rest
                uniforms[len(rest) : steps, index] = random[index].random_sample(steps - len(rest))
            settings = {**options.settings, "steps": np.int32(steps)}
            was_finished = np.array(finished)
            chosen, log_probs, ids, (states, counts), finished = run(
                weights, (states, counts), ids, finished, prompt, uniforms, settings
            )
            chosen, log_probs = np.asarray(chosen), np.asarray(log_probs)
            pieces = []
            for index, length in enumerate(lengths):
                begin = min(max(length - 1 - start, 0), steps)
                end = 0 if was_finished[index] else min(max(length - 1 + options.max_length - start, 0), steps)
                new = chosen[begin:end, index]
                ends = options.stops[new].nonzero()[0]
                new = new[: ends[0] + 1] if len(ends) else new
                pieces.append((new, log_probs[begin : begin + len(new), index]))
                if np.isnan(pieces[-1][1]).any():
                    raise ValueError(
                        "TextGenerator: the model's logits hold NaN or infinity; has its training failed?"
                        + f" Or {options.sampling.__name__}.filter keeps no token." * (options.sampling is not Sampling)
                    )
            yield pieces
            if np.asarray(finished).all():
                return

    def _faster_loop(self, batch, weights, options, timesteps):
        """Return "xla" or "plain", whichever is faster; where that depends on the machine, both are timed once."""
        if usual := _usual_loop(batch, weights):
            return usual
        if batch not in self._timed:
            seconds = {"plain": [], "xla": []}
            for steps in (1, 64, 64, 64):  # the first call compiles; taking turns, both meet the same other work
                for loop, took in seconds.items():
                    took.append(self._seconds(loop, steps, batch, weights, options, timesteps))
            self._timed[batch] = min(seconds, key=lambda loop: min(seconds[loop][1:]))
        return self._timed[batch]

    def _initial_states(self, ids, options, timesteps=0):
        """Return (the model's states, the counts of the ids, shape (n, V)) of texts of one token; () for no counts."""
        counts = np.zeros((len(ids), len(self.vocabulary)), np.float32) if options.sampling.needs_counts else ()
        return self._network.initial_states(len(ids), timesteps), _counted(counts, ids, np)

    def _seconds(self, loop, steps, batch, weights, options, timesteps):
        """Return the seconds that some timesteps take in a loop, with room for `timesteps`; the text is thrown away."""
        ids, finished = np.zeros(batch, np.int32), np.zeros(batch, bool)
        run = self._function("sample", loop, batch, timesteps, options.sampling)
        states = self._initial_states(ids, options, timesteps)
        prompt, uniforms = np.full((CHUNK, batch), -1, np.int32), np.full((CHUNK, batch), 0.5)
        settings = {**options.settings, "stops": np.zeros_like(options.stops), "steps": np.int32(steps)}
        started = time.perf_counter()
        np.asarray(run(weights, states, ids, finished, prompt, uniforms, settings)[0])
        return time.perf_counter() - started

    @stepping.float32()
    def _sample(self, kind, weights, states, ids, finished, prompt, uniforms, settings):
        """Run up to `steps` timesteps in TensorFlow, and stop as soon as all rows are finished.

        kind: the Sampling's class. states: as from `_initial_states`. ids, finished: shape (n,), the last token of
        each row and whether it has ended. prompt: int32, shape (CHUNK, n), the tokens that are given, -1 where one
        is drawn with uniforms, shape (CHUNK, n). settings: see `_options`; "steps" at most CHUNK.
        Returns (chosen ids (CHUNK, n), their log-probabilities, ids, states, finished).
        """
        import keras
        import tensorflow

        length, batch = prompt.shape
        chosen = tensorflow.TensorArray(tensorflow.int32, length, element_shape=(batch,))
        log_probs = tensorflow.TensorArray(tensorflow.float32, length, element_shape=(batch,))
        sampling = kind.of(settings["sampling"])

        def going(t, chosen, log_probs, ids, states, finished):
            return (t < settings["steps"]) & ~tensorflow.reduce_all(finished)

        def one(t, chosen, log_probs, ids, states, finished):
            states, counts = states
            logits, states = self._network.step(weights, ids, states, keras.ops)
            drawn, some = sampling.draw(logits + settings["banned"], counts, uniforms[t], keras.ops)
            given = prompt[t]
            ids = tensorflow.where(given < 0, tensorflow.cast(drawn, tensorflow.int32), given)
            finished |= (given < 0) & tensorflow.gather(settings["stops"], ids)
            log_prob = _log_probability(logits, ids)
            log_prob = log_prob if some is True else tensorflow.where(some, log_prob, np.nan)
            states = states, _counted(counts, ids, keras.ops)
            return t + 1, chosen.write(t, ids), log_probs.write(t, log_prob), ids, states, finished

        _, chosen, log_probs, *rest = tensorflow.while_loop(going, one, (0, chosen, log_probs, ids, states, finished))
        return chosen.stack(), log_probs.stack(), *rest

    def _sample_numpy(self, kind, weights, states, ids, finished, prompt, uniforms, settings):
        """Do what `_sample` does, in plain NumPy: what the others are tested against."""
        sampling, (states, counts) = kind.of(settings["sampling"]), states
        chosen, log_probs = np.zeros(prompt.shape, np.int32), np.zeros(prompt.shape, np.float32)
        for t in range(settings["steps"]):
            if finished.all():
                break
            logits, states = self._network.step(weights, ids, states, np)
            if not (logits < np.inf).all():  # NaN included
                log_probs[t:] = np.nan
                break
            drawn, some = sampling.draw(logits + settings["banned"], counts, uniforms[t], np)
            ids = np.where(prompt[t] >= 0, prompt[t], drawn).astype(np.int32)
            finished = finished | ((prompt[t] < 0) & settings["stops"][ids])
            chosen[t], counts = ids, _counted(counts, ids, np)
            log_prob = np.take_along_axis(stepping.log_softmax(logits), ids[:, None], axis=-1)[:, 0]
            log_probs[t] = np.where(some, log_prob, np.nan)
        return chosen, log_probs, ids, (states, counts), finished

    @stepping.float32()
    def _nats_of_chunk(self, weights, states, ids, steps):
        """Return (nats (t, n), states) over the first `steps` of t timesteps; ids: shape (t + 1, n)."""
        logits, states = self._network.read(weights, ids[:-1], states, steps)
        return -_log_probability(logits, ids[1:]), states

    def _function(self, what, loop, batch, timesteps, *kind):
        """Return a function of the loop, for a number of rows, room for timesteps and a kind of Sampling.

        It is compiled once. TensorFlow warns of one function that is compiled again for each number of rows.
        """
        import tensorflow

        if loop == "numpy":
            return functools.partial(self._sample_numpy, *kind)
        key = what, loop, batch, self._network.room(timesteps), *kind
        if key not in self._compiled:
            body = functools.partial({"sample": self._sample, "read": self._nats_of_chunk}[what], *kind)
            self._compiled[key] = tensorflow.function(body, jit_compile=loop == "xla", autograph=False)
        return self._compiled[key]


def _show_options(method):
    """Let help() and completion show what `**options` takes beside a method's own arguments."""
    shown = {}
    for function in (method, TextGenerator._options, Sampling):
        shown |= inspect.signature(function).parameters
    shown = [value for value in shown.values() if value.name != "function" and value.kind != value.VAR_KEYWORD]
    method.__signature__ = inspect.Signature(shown)


_show_options(TextGenerator.generate)
_show_options(TextGenerator.stream)


class _Options(typing.NamedTuple):
    """How to generate, checked."""

    max_length: int
    seed: int
    loop: str
    sampling: type  # the Sampling's class; its values are in the settings
    stops: np.ndarray  # (V,) bool
    settings: dict  # what the loop takes as tensors


class _Writer:
    """Makes text of the ids that come: characters one by one, words with the spacing that fits what went before."""

    def __init__(self, vocabulary: text.Vocabulary, prompt_ids: Sequence[int], prompt: str):
        self.vocabulary = vocabulary
        self.words = vocabulary.level == "word"
        self.end = vocabulary.ids[text.EOS] if vocabulary.bounds else -1
        self.pieces = []
        self.ids = [index for index in prompt_ids if vocabulary.tokens[index] != text.BOS] if self.words else []
        self.written = len(vocabulary.decode(self.ids)) if self.words else 0
        self.drop_space = self.words and prompt[-1:].isspace()

    def add(self, ids: np.ndarray) -> None:
        """Take the next ids, an integer array."""
        ids = ids[ids != self.end]
        if self.words:
            self.ids += ids.tolist()
        elif len(ids):
            self.pieces.append(self.vocabulary.decode(ids))

    def take(self) -> str:
        """Return the text that has come since the last time."""
        if not self.words:
            new, self.pieces = "".join(self.pieces), []
            return new
        # What is written of some words does not change when more words follow.
        whole = self.vocabulary.decode(self.ids)
        new, self.written = whole[self.written :], len(whole)
        if new and self.drop_space:
            new, self.drop_space = new.removeprefix(" "), False
        return new


# --- small things ----------------------------------------------------------------------------------


def _counted(counts, ids, ops):
    """Return the counts of tokens, shape (n, V), with one more for the ids, shape (n,); () stays ()."""
    if isinstance(counts, tuple):
        return counts
    return ops.where(ids[:, None] == ops.arange(counts.shape[-1]), counts + 1, counts)


def _log_probability(logits, ids):
    """Return the log-probabilities of ids, shape (...), under logits, shape (..., V), in TensorFlow."""
    import tensorflow

    chosen = tensorflow.gather(logits, ids, axis=-1, batch_dims=len(ids.shape))
    return chosen - tensorflow.reduce_logsumexp(logits, axis=-1)


def _padded_batch(rows):
    """Return the number of rows that is compiled for: the next power of two."""
    return 1 << (rows - 1).bit_length()


def _usual_loop(batch, weights):
    """Return "xla" or "plain", whichever is faster for a number of rows and a model's size; None if that depends.

    XLA saves the cost of starting each operation. For many rows TensorFlow's own matrix product can be the
    better one: it runs on all cores. By how much depends on what else they have to do.
    """
    if not _xla_works():
        return "plain"
    size = sum(int(np.prod(value.shape)) for own in weights if own for value in own.values())
    return None if batch >= 16 and size > 100_000 else "xla"


@functools.cache
def _xla_works():
    """Tell whether this TensorFlow can compile with XLA; some builds cannot."""
    import tensorflow

    try:
        tensorflow.function(lambda x: x + 1.0, jit_compile=True)(tensorflow.constant(1.0))
    except tensorflow.errors.OpError:
        return False
    return True


def _list_of_texts(function, name, texts):
    """Return texts as a list of str, at least one, or raise ValueError."""
    texts = list(arguments.checked_texts(function, name, texts))
    if not texts:
        raise ValueError(f"{function}: {name} is empty; give at least one str.")
    return texts
