"""How fast an encoder-decoder answers: utils.translation beside the usual way, in one run, on this machine.

    python -m tools.benchmarks translation

The shipped pronouncer of lesson 07 pronounces one word, and 32 words together, greedily and with a beam of five:

predict   model.predict on the word and all phonemes so far, for each new phoneme, as many tutorials do
python    ours, a plain Python loop over encode and step
plain     ours, the loop in TensorFlow; xla: the same loop compiled by XLA

All must give the same phonemes. The first call, which compiles, is timed apart.
"""

import time

import numpy as np

from utils import data, environment, pretrained, text
from utils.pretrained import pronunciations

COUNTS = (1, 32)
BEAM = 5


def predicting(model, vocabulary):
    """Return a function from words to phonemes, a list of str, that calls model.predict for each phoneme."""
    start, end = vocabulary.ids[text.BOS], vocabulary.ids[text.EOS]

    def pronounce(words):
        letters = text.pad([pronunciations.LETTERS.encode(word) for word in words])
        before, ended = np.full((len(words), 1), start), np.zeros(len(words), bool)
        while not ended.all() and before.shape[1] <= pronunciations.LONGEST:
            chosen = model.predict([letters, before], verbose=0)[:, -1].argmax(-1)
            before = np.concatenate([before, np.where(ended, text.PAD_ID, chosen)[:, None]], axis=1)
            ended |= chosen == end
        return [vocabulary.decode([index for index in row if index not in (0, start, end)]) for row in before.tolist()]

    return pronounce


def measure(run, words, seconds=2.0):
    """Return (seconds of the first call, of the fastest later one, what it returned)."""
    times, ended = [], time.perf_counter() + seconds
    while len(times) < 4 or time.perf_counter() < ended:
        started = time.perf_counter()
        found = run(words)
        times.append(time.perf_counter() - started)
    return times[0], min(times[1:]), found


def main():
    """Print the table."""
    environment.start(seed=0, data=["cmudict"])
    model, vocabulary, _ = pretrained.load("pronunciations")
    translator = pronunciations.translator(model, vocabulary)
    words = [word for word in data.load_pronunciations().validation.word if len(word) == 8]

    def ours(loop, width=1):
        return lambda words: [best.text for best, *_ in translator.beam_search(words, width, loop=loop)]

    ways = {"predict": predicting(model, vocabulary)} | {loop: ours(loop) for loop in ("python", "plain", "xla")}
    for count in COUNTS:
        print(f"\npronouncing {count} word{'s' * (count > 1)} of eight letters")
        print(f"{'':16} {'words/s':>10} {'to predict':>12} {'first call':>12}")
        measured = {name: measure(run, words[:count]) for name, run in ways.items()}
        _, slowest, expected = measured["predict"]
        assert all(found == expected for _, _, found in measured.values())
        measured[f"xla, beam of {BEAM}"] = measure(ours("xla", BEAM), words[:count])
        for name, (first, took, _) in measured.items():
            print(f"{name:16} {count / took:10,.1f} {slowest / took:11,.1f}x {first:10.2f} s")


if __name__ == "__main__":
    main()
