"""utils.ctc: what a path stands for, decoding against all paths there are, and batches that have a finite loss."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils import ctc, text

LETTERS = text.Vocabulary(["<pad>", "<unk>", *"abcde "], "character")
TEXTS = ["a", "bad", "dead", "e b", "add", "bee", "cab"]


def utterances(seed=0):
    """Return frames for TEXTS, of 9 to 40 timesteps and 5 bands."""
    random = np.random.RandomState(seed)
    return [random.normal(size=(length, 5)) for length in (9, 40, 17, 33, 12, 20, 31)]


def all_texts(logits):
    """Return every text that some path stands for -> its log probability: the sum over all paths, one by one."""
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    sums = {}
    for path in itertools.product(range(logits.shape[1]), repeat=len(logits)):
        ids = []
        for place, token in enumerate(path):
            if token and (place == 0 or token != path[place - 1]):
                ids.append(token)
        share = np.prod([row[token] for row, token in zip(probabilities, path, strict=True)])
        sums[tuple(ids)] = sums.get(tuple(ids), 0) + share
    return {ids: np.log(share) for ids, share in sums.items() if share}


# --- paths -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path, ids",
    [
        ([], []),
        ([0, 0], []),
        ([0, 3, 3, 0, 3], [3, 3]),
        ([3, 3, 3], [3]),
        ([1, 2, 1, 1, 0, 0, 2], [1, 2, 1, 2]),
        (np.array([0, 5, 0], np.int32), [5]),
    ],
)
def test_what_a_path_stands_for(path, ids):
    """Repeated ids once, blanks left out, and blanks keep two of the same apart."""
    assert ctc.collapse(path) == ids
    assert all(type(token) is int for token in ctc.collapse(path))


def test_timesteps_needed():
    """The shortest path that stands for a text, found by trying all."""
    assert ctc.timesteps_needed([]) == 0
    shortest = {}
    for length in range(6):
        for path in itertools.product(range(3), repeat=length):
            shortest.setdefault(tuple(ctc.collapse(path)), length)
    for ids, length in shortest.items():
        assert ctc.timesteps_needed(ids) == length


# --- decoding --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_beam_search_finds_what_all_paths_say(seed):
    """All texts that there are, in order, with their probabilities; these sum to 1, and each is what the loss says."""
    logits = np.random.RandomState(seed).normal(size=(4, 3), scale=2)
    expected = all_texts(logits)
    found = ctc.beam_search(logits, width=1_000)
    assert {tuple(ids): score for ids, score in found} == pytest.approx(expected)
    assert len(found) == len(expected) and [score for _, score in found] == sorted(
        (score for _, score in found), reverse=True
    )
    assert np.exp([score for _, score in found]).sum() == pytest.approx(1)
    loss = keras.losses.CTC(reduction=None)
    for ids, score in found:
        if 0 < len(ids) <= 2:
            given = np.array([[*ids, 0, 0][:2]], np.int32)
            assert -float(loss(given, logits[None].astype("float32"))[0]) == pytest.approx(score, abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_a_narrow_beam(seed):
    """At most as many texts as asked for; of what is kept no probability is too large; wide enough, it is the best."""
    logits = np.random.RandomState(seed).normal(size=(5, 4), scale=2)
    expected = all_texts(logits)
    best = max(expected, key=expected.get)
    for width in (1, 2, np.int64(3)):
        found = ctc.beam_search(logits, width)
        assert 1 <= len(found) <= width and len({tuple(ids) for ids, _ in found}) == len(found)
        assert all(score <= expected[tuple(ids)] + 1e-9 for ids, score in found)
        assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert tuple(ctc.beam_search(logits, 30)[0][0]) == best


def test_the_best_path_is_not_the_best_text():
    """Two blanks are the most probable path, 0.36, but three paths stand for "a", 0.64 together."""
    logits = np.log([[0.6, 0.4], [0.6, 0.4]])
    assert ctc.greedy(logits) == []
    (ids, score), other = ctc.beam_search(logits)
    assert ids == [1] and np.exp(score) == pytest.approx(0.64)
    assert other[0] == [] and np.exp(other[1]) == pytest.approx(0.36)
    assert all(type(token) is int for token in ids) and type(score) is float


def test_greedy():
    """The most probable id at each step, collapsed; a float32 tensor will do."""
    logits = keras.ops.convert_to_tensor(np.eye(4, dtype="float32")[[0, 3, 3, 0, 3, 1, 0]])
    assert ctc.greedy(logits) == [3, 3, 1]
    assert ctc.beam_search(np.asarray(logits) * 50, 4)[0][0] == [3, 3, 1]


def test_what_cannot_be_is_not_found(recwarn):
    """A logit of minus infinity rules an id out, and nothing of probability 0 is in the list."""
    logits = np.array([[0.0, 1, -np.inf], [-np.inf, 2, 1], [0, -np.inf, -np.inf]])
    expected = all_texts(logits)
    assert {tuple(ids): score for ids, score in ctc.beam_search(logits, 100)} == pytest.approx(expected)
    assert ctc.beam_search(np.full((2, 3), [0, -np.inf, -np.inf])) == [([], 0.0)]
    assert not recwarn.list


@pytest.mark.parametrize("decode", [ctc.greedy, ctc.beam_search])
@pytest.mark.parametrize(
    "logits, message",
    [
        (np.zeros(3), r"logits have shape \(3,\); expected \(T, V\), those of one utterance"),
        (np.zeros((1, 2, 3)), r"logits have shape \(1, 2, 3\)"),
        (np.zeros((0, 3)), r"logits have shape \(0, 3\)"),
        ([["a"]], r"logits are a list, \[\['a'\]\]; expected numbers"),
        ([[1, 2], [3]], "logits are a list"),
        ([[0, np.nan], [0, 0]], "logits hold NaN or infinity"),
        ([[0, 0], [np.inf, 0]], "logits hold NaN or infinity"),
        ([[0, 0], [-np.inf, -np.inf]], "logits hold .* a timestep at which nothing is possible"),
    ],
)
def test_bad_logits_are_refused(decode, logits, message):
    """With the shape that was given."""
    with pytest.raises(ValueError, match=f"^{decode.__name__}: {message}"):
        decode(logits)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: ctc.beam_search(np.zeros((2, 2)), 0), "beam_search: width is 0; it must be an integer, at least 1"),
        (lambda: ctc.beam_search(np.zeros((2, 2)), True), "beam_search: width is True"),
        (lambda: ctc.collapse([[1, 2], [1, 2]]), r"collapse: path has shape \(2, 2\) and dtype int64; expected int"),
        (lambda: ctc.collapse([0.5]), r"collapse: path has shape \(1,\) and dtype float64"),
        (lambda: ctc.collapse("aab"), r"collapse: path has shape \(\)"),
    ],
)
def test_bad_arguments_of_decoding(call, message):
    """With what was given and what is accepted."""
    with pytest.raises(ValueError, match=f"^{message}"):
        call()


# --- batches ---------------------------------------------------------------------------------------


def elements(dataset):
    """Return the elements of a dataset as NumPy arrays."""
    return [(frames.numpy(), ids.numpy()) for frames, ids in dataset]


@pytest.mark.parametrize("shuffle", [True, False])
def test_every_utterance_is_there_once(shuffle):
    """With its own text; padded with 0 on the right, frames to a multiple of 16; float32 and int32; few of a length."""
    frames = utterances()
    dataset = ctc.batches(frames, TEXTS, LETTERS, 3, shuffle=shuffle, seed=2)
    assert len(dataset) == 3
    found = []
    for heard, ids in elements(dataset):
        assert heard.dtype == np.float32 and ids.dtype == np.int32 and len(heard) == len(ids) <= 3
        lengths = [np.count_nonzero(one.any(axis=1)) for one in heard]
        assert heard.shape[1] % 16 == 0 and heard.shape[1] - max(lengths) < 16 and heard.shape[2] == 5
        assert ids[:, -1].any()
        for one, length, said in zip(heard, lengths, ids, strict=True):
            row = next(row for row, own in enumerate(frames) if np.allclose(own[0], one[0]))
            assert length == len(frames[row]) and np.allclose(one[:length], frames[row], atol=1e-6)
            assert LETTERS.decode(said) == TEXTS[row] and len(said[said > 0]) == len(TEXTS[row])
            found.append(row)
    assert sorted(found) == list(range(7))


def test_neighbours_in_length_share_a_batch():
    """Without shuffling the shortest come first: little is padding."""
    dataset = ctc.batches(utterances(), TEXTS, LETTERS, 2, shuffle=False)
    assert [heard.shape[1] for heard, _ in elements(dataset)] == [16, 32, 48, 48]


def test_passes_differ_and_repeat():
    """The first pass is the same in every dataset of a seed, the second is another; without shuffling all are one."""

    def order(dataset):
        return [LETTERS.decode(row) for _, ids in elements(dataset) for row in ids]

    first, again = (ctc.batches(utterances(), TEXTS, LETTERS, 2, seed=3) for _ in range(2))
    other = ctc.batches(utterances(), TEXTS, LETTERS, 2, seed=4)
    orders = order(first), order(again), order(first), order(other)
    assert orders[0] == orders[1] and orders[0] != orders[2] and orders[0] != orders[3]
    still = ctc.batches(utterances(), TEXTS, LETTERS, 2, shuffle=False)
    assert order(still) == order(still)


@pytest.mark.parametrize("reduction, frames, fine", [(2, 7, True), (2, 6, False), (1, 4, True), (3, 9, False)])
def test_a_text_that_is_too_long_is_refused(reduction, frames, fine):
    """ "dad" takes three timesteps, "add" four: a d - d. With the row, and what was counted; see its loss."""
    given = [np.ones((20, 5)), np.ones((frames, 5))], ["dad", "add"], LETTERS
    if fine:
        ctc.batches(*given, reduction=reduction)
        return
    there = -(-frames // reduction)
    message = rf"^batches: row 1 \(counted from 0\) has {frames} frames, which make {there} timesteps, and .* needs 4;"
    with pytest.raises(ValueError, match=message):
        ctc.batches(*given, reduction=reduction)
    loss = keras.losses.CTC()(np.array([LETTERS.encode("add")]), np.zeros((1, there, 8), "float32"))
    assert float(loss) > 600  # of a text that fits it is below 9 log 8, which is 19


def test_lengths_are_padded():
    """To 16, and no further where 16 is reached; lists of lists are arrays as well."""
    assert ctc.padded([np.ones((16, 2)), np.ones((3, 2))]).shape == (2, 16, 2)
    assert ctc.padded([np.ones((17, 2))]).shape == (1, 32, 2)
    once = ctc.padded([[[1, 2], [3, 4]]])
    assert once.dtype == np.float32 and once.sum() == 10 and once[0, 1].tolist() == [3, 4]


ONE = np.zeros((9, 5))


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(frames=utterances()[:-1]), "there are 6 arrays of frames and 7 texts"),
        (dict(frames=[], texts=[]), "frames is empty; give at least one array"),
        (dict(frames=3), "frames is a int, 3; expected a list of arrays"),
        (dict(frames="abc"), "frames is a str, 'abc'"),
        (dict(frames=[ONE, "a"]), "row 1 of frames .counted from 0. is a str, 'a'; expected an array of shape .T, ba"),
        (dict(frames=[[[1, 2], [3]]]), "row 0 of frames .counted from 0. is a list"),
        (dict(frames=[3]), r"row 0 of frames .counted from 0. has shape \(\); expected \(T, bands\), T at least 1"),
        (dict(frames=np.zeros((4, 5))), r"row 0 of frames .counted from 0. has shape \(5,\); expected \(T, bands\)"),
        (dict(frames=[ONE, ONE[:0]]), r"row 1 of frames .counted from 0. has shape \(0, 5\); expected \(T, 5\)"),
        (dict(frames=[ONE, ONE[:, :4]]), r"row 1 of frames .counted from 0. has shape \(9, 4\); expected \(T, 5\)"),
        (dict(frames=[ONE, ONE * np.nan]), "row 1 of frames .counted from 0. has numbers that are not finite"),
        (dict(frames=[ONE + 1e39]), "row 0 of frames .counted from 0. has numbers that are not finite"),
        (dict(texts=["", *TEXTS[1:]]), "row 0 of texts .counted from 0. is empty: ''"),
        (dict(texts=[*TEXTS[:-1], "xy"]), "row 6 of texts .counted from 0., 'xy', has .* lacks: 'x', 'y'"),
        (dict(texts="abc"), "texts is a str, 'abc'; expected a list of str"),
        (dict(texts=[3] * 7), "row 0 of texts .counted from 0. is a int, 3"),
        (dict(vocabulary=None), "vocabulary is a NoneType"),
        (dict(batch_size=0), "batch_size is 0"),
        (dict(batch_size=2.0), "batch_size is 2.0"),
        (dict(seed=-1), "seed is -1"),
        (dict(reduction=0), "reduction is 0"),
        (dict(reduction=True), "reduction is True"),
    ],
)
def test_bad_arguments_of_batches(change, message, recwarn):
    """At the call, with the row."""
    given = dict(frames=utterances(), texts=TEXTS, vocabulary=LETTERS)
    with pytest.raises(ValueError, match=f"^batches: {message}"):
        ctc.batches(**{**given, **change})
    assert not recwarn.list


def test_bad_frames_are_refused_by_padding():
    """By name."""
    with pytest.raises(ValueError, match="^padded: frames is empty"):
        ctc.padded([])
    with pytest.raises(ValueError, match=r"^padded: row 0 of frames .* has shape \(2,\)"):
        ctc.padded([np.zeros(2)])


# --- transcribing ----------------------------------------------------------------------------------


def spelled(content, pause=1):
    """Return frames that `Parrot` reads as a text: every second frame names an id, blanks between."""
    ids = [part for token in LETTERS.encode(content) for part in (token, *[0] * pause)]
    return np.repeat(np.eye(len(LETTERS))[ids], 2, axis=0)


class Parrot:
    """Stands for a network: its logits are every second frame; keeps the shapes that it was given."""

    def __init__(self):
        self.shapes = []

    def __call__(self, frames):
        """Return logits; padding is nothing, and nothing is the blank."""
        self.shapes.append(frames.shape)
        logits = frames[:, ::2] * 9
        logits[..., 0] += 9 * (frames[:, ::2].sum(axis=-1) == 0)
        return keras.ops.convert_to_tensor(logits)


@pytest.mark.parametrize("width", [1, 4])
@pytest.mark.parametrize("batch_size", [1, 2, 100])
def test_each_utterance_gets_its_own_text(width, batch_size):
    """In the order of the frames, whatever the order of their lengths; the shortest share a batch."""
    said = ["dead cab", "a", "bad", "add bee ", "e", "dada"]
    parrot = Parrot()
    heard = ctc.transcribe(parrot, LETTERS, [spelled(content) for content in said], width, batch_size)
    assert heard == said
    assert [shape[0] for shape in parrot.shapes] == [batch_size] * (6 // batch_size) or parrot.shapes[0][0] == 6
    assert [shape[1] for shape in parrot.shapes] == sorted(shape[1] for shape in parrot.shapes)


def test_width_is_beam_search():
    """Where the best path is not the best text, the widths differ."""
    frames = np.zeros((4, len(LETTERS)))
    frames[:, [0, 2]], frames[:, [1, *range(3, 8)]] = np.log([0.6, 0.4]) / 9, -10

    def model(batch):
        return batch[:, :4:2] * 9

    assert ctc.transcribe(model, LETTERS, [frames]) == [""]
    assert ctc.transcribe(model, LETTERS, [frames], width=3) == ["a"]


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(frames=[]), "frames is empty"),
        (dict(frames=[np.zeros(3)]), r"row 0 of frames .* has shape \(3,\)"),
        (dict(vocabulary="abc"), "vocabulary is a str, 'abc'; expected a Vocabulary"),
        (dict(width=0), "width is 0; it must be an integer, at least 1"),
        (dict(batch_size=True), "batch_size is True"),
        (dict(model=lambda x: x[:, :, :3]), r"the model makes logits of shape \(1, 16, 3\) of 1 utterances; .* 8\)"),
        (dict(model=lambda x: x[0]), r"the model makes logits of shape \(16, 8\)"),
        (dict(model=lambda x: np.concatenate([x, x])), r"the model makes logits of shape \(2, 16, 8\)"),
    ],
)
def test_bad_arguments_of_transcribe(change, message):
    """With what was given and what is accepted."""
    given = dict(model=Parrot(), vocabulary=LETTERS, frames=[spelled("ab")])
    with pytest.raises(ValueError, match=f"^transcribe: {message}"):
        ctc.transcribe(**{**given, **change})


def test_what_lesson_08_warns_of():
    """TensorFlow makes a finite loss of a text without a path; Keras takes padded timesteps as heard."""
    logits = np.random.default_rng(1).normal(size=(1, 3, 4)).astype("float32")
    lengths = {"label_length": [4], "logit_length": [3], "blank_index": ctc.BLANK, "logits_time_major": False}
    [impossible] = np.asarray(tf.nn.ctc_loss([[1, 2, 3, 1]], logits, **lengths))
    assert 100 < impossible < 1_000
    padded = np.pad(logits, ((0, 0), (0, 2), (0, 0)))
    lengths |= {"label_length": [1]}
    [of_three] = np.asarray(tf.nn.ctc_loss([[1]], logits, **lengths))
    by_keras = [float(keras.losses.CTC()(np.array([[1]]), given)) for given in (logits, padded)]
    assert np.isclose(by_keras[0], of_three, atol=1e-5) and abs(by_keras[1] - of_three) > 0.1
