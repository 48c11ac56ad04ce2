"""utils.pairs: what a decoder reads and what it is to write fit together, for every pair, in every pass."""

import keras
import numpy as np
import pytest

from utils import pairs, text

LETTERS = text.Vocabulary(["<pad>", "<unk>", *"abcdefgh"], "character")
PHONEMES = text.Vocabulary([*text.SPECIAL_TOKENS, "k", "ae", "t", "iy"])
SOURCES = ["cab", "a", "bead", "deaf", "fee", "bad", "ha", "gag", "decade"]
TARGETS = ["k ae", "t", "k iy t t", "iy", "ae ae", "k", "k k", "t ae t iy", "k iy"]


def elements(dataset):
    """Return the elements of a dataset as NumPy arrays: ((source, before), after)."""
    return [((source.numpy(), before.numpy()), after.numpy()) for (source, before), after in dataset]


@pytest.mark.parametrize("shuffle", [True, False])
def test_every_pair_is_there_once(shuffle):
    """Source, <bos> and target, target and <eos>; int32; each padded to its own batch."""
    dataset = pairs.batches(SOURCES, TARGETS, LETTERS, PHONEMES, 4, shuffle=shuffle, seed=1)
    assert len(dataset) == 3
    found = []
    for (source, before), after in elements(dataset):
        assert source.dtype == before.dtype == after.dtype == np.int32 and before.shape == after.shape
        assert source[:, -1].any() and after[:, -1].any() and len(source) == len(after) <= 4
        for one, given, wanted in zip(source, before, after, strict=True):
            length = np.count_nonzero(wanted)
            assert (given[:length] == [PHONEMES.ids["<bos>"], *wanted[: length - 1]]).all()
            assert wanted[length - 1] == PHONEMES.ids["<eos>"] and not given[length:].any()
            found.append((LETTERS.decode(one), PHONEMES.decode(wanted[: length - 1])))
    assert sorted(found) == sorted(zip(SOURCES, TARGETS, strict=True))


def test_passes_differ_and_repeat():
    """The first pass is the same in every dataset of a seed, the second is another; without shuffling all are one."""
    first, again = (pairs.batches(SOURCES, TARGETS, LETTERS, PHONEMES, 2, seed=3) for _ in range(2))
    order = [[LETTERS.decode(row) for (source, _), _ in elements(one) for row in source] for one in (first, again)]
    second = [LETTERS.decode(row) for (source, _), _ in elements(first) for row in source]
    assert order[0] == order[1] != second
    still = pairs.batches(SOURCES, TARGETS, LETTERS, PHONEMES, 2, shuffle=False)
    passes = [[LETTERS.decode(row) for (source, _), _ in elements(still) for row in source] for _ in range(2)]
    assert passes[0] == passes[1] and [len(one) for one in passes[0]] == sorted(map(len, SOURCES))


def test_padding_is_left_out_of_the_loss():
    """As the docstring says it: the mean over real tokens, <eos> included."""
    [((_, before), after)] = elements(pairs.batches(SOURCES, TARGETS, LETTERS, PHONEMES, 20))
    logits = np.random.RandomState(0).normal(size=(*before.shape, len(PHONEMES))).astype("float32")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)(after, logits)
    log_probs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    each = -np.take_along_axis(log_probs, after[..., None], -1)[..., 0]
    assert float(loss) == pytest.approx(each[after > 0].mean(), rel=1e-5)


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(sources=SOURCES[:-1]), "there are 8 sources and 9 targets"),
        (dict(sources=[], targets=[]), "there are 0 sources and 0 targets"),
        (dict(sources=["", *SOURCES[1:]]), "row 0 of sources .counted from 0. is empty: ''"),
        (dict(targets=[*TARGETS[:-1], "  "]), "row 8 of targets .counted from 0. is empty: '  '"),
        (dict(sources=["xyz", *SOURCES[1:]]), "row 0 of sources .*'xyz', has characters that its .* 'x', 'y', 'z'"),
        (
            dict(targets=["k uw", *TARGETS[1:]]),
            "row 0 of targets .*, 'k uw', has words that its vocabulary lacks: 'uw'",
        ),
        (dict(sources=3), "sources is a int, 3; expected a list of str"),
        (dict(target_vocabulary=LETTERS), "the vocabulary of targets has no <bos> and <eos>"),
        (dict(source_vocabulary=None), "vocabulary is a NoneType"),
        (dict(batch_size=0), "batch_size is 0"),
        (dict(seed=-1), "seed is -1"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    """At the call, with the row."""
    given = dict(sources=SOURCES, targets=TARGETS, source_vocabulary=LETTERS, target_vocabulary=PHONEMES)
    with pytest.raises(ValueError, match=f"batches: {message}"):
        pairs.batches(**{**given, **change})
