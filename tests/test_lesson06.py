"""The claims of lesson 06 that need no long training, by the lesson's own functions, for a seed, or three."""

import numpy as np
import pytest
from conftest import definitions

from utils import data, environment, generation, pretrained, text

SEEDS = environment.budget(laptop=(1,), full=(1, 2, 3))


@pytest.fixture(scope="module")
def corpus():
    """Return the training text, the piece that the lesson scores on, and the vocabulary."""
    train, validation = data.split_text(data.load_shakespeare())
    return train, validation[:20_000], text.Vocabulary.from_texts([train], level="character")


@pytest.fixture(scope="module")
def lesson(corpus):
    """Return what lesson 06 defines, with its text and the large model's generator."""
    names = (
        "STREAMS LENGTH UNITS count interpolate ngram_nats windows build fit softmax runs_of distinct own_nats copied "
        "longest_run SHARES check_shares check_temperature right_draw recipe_draw wrong_repair nats_by_context"
    )
    lesson = definitions("06", *names.split())
    model, vocabulary, _ = pretrained.load("shakespeare-characters")
    assert vocabulary == corpus[2]
    lesson.update(train=corpus[0], vocabulary=vocabulary, V=len(vocabulary), model=model, generation=generation)
    lesson["writer"] = generation.TextGenerator(model, vocabulary)
    lesson["seen"] = set(lesson["runs_of"](corpus[0], 12))
    return lesson


@pytest.fixture(scope="module")
def shakespeare(lesson, corpus):
    """Return the large model's nats a character on the lesson's piece of Shakespeare."""
    return lesson["writer"].nats(corpus[1]).mean()


def test_counts_are_probabilities(lesson, corpus):
    """P_k adds up to 1 over the vocabulary, for every k, after seen and unseen contexts; no context beats k = 0."""
    tables = lesson["count"](corpus[0][:50_000], 6)
    for context in ("First ", "ROMEO:", "qzxqzx", ""):
        rows = [lesson["interpolate"](context, x, tables) for x in corpus[2].tokens]
        np.testing.assert_allclose(np.sum(rows, axis=0), 1, rtol=1e-12)
    nats = lesson["ngram_nats"](corpus[1][:2000], tables)
    assert nats[0] > nats[1] > nats[2]


def test_windows_go_on_where_they_ended(lesson):
    """Joined in time, each stream is a stretch of the text, and its targets the same, one later."""
    inputs, targets = lesson["windows"](np.arange(1000), 3, 7)
    for row in range(3):
        joined = inputs[:, row].ravel()
        np.testing.assert_array_equal(joined, joined[0] + np.arange(len(joined)))
        np.testing.assert_array_equal(targets[:, row].ravel(), joined + 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_small_network(lesson, corpus, seed):
    """Untrained, its perplexity is V to 2 %; a tenth of an epoch brings it below single letter frequencies."""
    import keras

    keras.utils.set_random_seed(seed)
    small = lesson["build"](lesson["UNITS"])
    writer = generation.TextGenerator(small, corpus[2])
    assert abs(writer.perplexity(corpus[1][:2000]) / len(corpus[2]) - 1) < 0.02
    if seed == SEEDS[0]:
        list(lesson["fit"](small, corpus[0][:100_000], 1))
        assert writer.nats(corpus[1][:2000]).mean() < 2.8


def test_large_network(lesson, corpus, shakespeare):
    """It is below 1.50 nats on the lesson's piece, and gains from long contexts."""
    assert shakespeare < 1.50
    by_context = lesson["nats_by_context"](lesson["model"], corpus[1])
    assert by_context[8:16].mean() > by_context[32:].mean() + 0.02


def test_greedy_and_beam(lesson):
    """Greedy goes in circles; a beam of ten finds text that is more probable, by 5 nats on the mean of four prompts."""
    prompts = ["ROMEO:\n", "KING HENRY:\n", "First Citizen:\nWe", "What say you"]
    gains = []
    for prompt, greedy in zip(prompts, lesson["writer"].generate(prompts, max_length=2000, temperature=0), strict=True):
        one, ten = (lesson["writer"].beam_search(prompt, width, max_length=60)[0].log_probability for width in (1, 10))
        print(f"{prompt!r} different runs {lesson['distinct'](greedy):.2f}; greedy {one:.1f}, beam {ten:.1f} nats")
        assert lesson["distinct"](greedy) < 0.4
        gains.append(ten - one)
    assert np.mean(gains) > 5


@pytest.mark.parametrize("seed", SEEDS)
def test_temperature(lesson, corpus, shakespeare, seed):
    """Surprise rises with temperature, past Shakespeare's; copying falls, at 1 to about his; no passage is copied."""
    texts, nats = zip(
        *(lesson["own_nats"](temperature, seed=seed) for temperature in (0.2, 0.6, 1.0, 1.4)), strict=True
    )
    shares = [lesson["copied"](rows) for rows in texts]
    longest = max(map(lesson["longest_run"], texts[1]))
    print(
        f"seed {seed} nats",
        *(f"{value:.2f}" for value in nats),
        "copied",
        *(f"{share:.3f}" for share in shares),
        longest,
    )
    assert nats[0] < nats[1] < nats[2] < shakespeare < nats[3]
    assert shares[0] > shares[2] > shares[3] and shares[0] > shares[3] + 0.1
    assert abs(shares[2] - lesson["copied"]([corpus[1]])) < 0.06
    assert longest < 60


def test_faults_are_found(lesson):
    """Only the right draw passes both checks."""
    for check in (lesson["check_shares"], lesson["check_temperature"]):
        check(lesson["right_draw"])
        for name in ("recipe_draw", "wrong_repair"):
            with pytest.raises((AssertionError, ValueError)):
                check(lesson[name])
