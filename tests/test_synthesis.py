"""utils.synthesis and utils.espeak: every voice speaks, always the same, in order; what fails says so, once."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from utils import corpora, speech, synthesis
from utils.synthesis import Request, SynthesisError


def seconds(waveform):
    """Return how long a waveform lasts."""
    return len(waveform.samples) / waveform.rate


def mixed(count):
    """Return `count` requests of one to seven words, in a pattern that no other order has."""
    return [
        Request(" ".join(["seven"] * (1 + row * row % 11 % 7)), "en-us+Annie", 150 + row % 3, 40 + row % 5)
        for row in range(count)
    ]


# --- speech ----------------------------------------------------------------------------------------


def test_every_voice_speaks():
    """All 104 variants, the accents in turn: loud enough, of a length that two words take, no two alike."""
    names = synthesis.variants()
    assert len(set(names)) == 104 and list(names) == sorted(names)
    assert {"Annie", "grandpa", "zac"} <= set(names)
    accents = synthesis.ACCENTS
    spoken = synthesis.speak_all([("three five", f"{accents[row % 6]}+{name}") for row, name in enumerate(names)])
    assert len(spoken) == 104
    for waveform in spoken:
        assert waveform.rate == 22_050 and waveform.samples.dtype == np.float32
        assert 0.3 < seconds(waveform) < 1.5
        assert 0.01 < speech.loudness(waveform) < 0.6 and np.abs(waveform.samples).max() <= 1
    assert len({waveform.samples.tobytes() for waveform in spoken}) == 104


def test_accents_differ():
    """Six ways to say the same."""
    spoken = synthesis.speak_all([("the bath water", accent) for accent in synthesis.ACCENTS])
    assert len(synthesis.ACCENTS) == len({waveform.samples.tobytes() for waveform in spoken}) == 6


def test_the_same_list_sounds_the_same():
    """In one process and in two, called again, also where breath is made of random numbers; another text is another."""
    for count in (3, synthesis.FEW + 5):
        first, again = (synthesis.speak_all([*mixed(count), ("six", "en-us+whisper")]) for _ in range(2))
        assert all(np.array_equal(left.samples, right.samples) for left, right in zip(first, again, strict=True))
    assert np.array_equal(synthesis.speak("one").samples, synthesis.speak_all([Request("one")])[0].samples)
    assert not np.array_equal(synthesis.speak("one").samples, synthesis.speak("two").samples)


@pytest.mark.parametrize("count", [1, 2, synthesis.FEW, synthesis.FEW + 1, synthesis.FEW + 6])
def test_answers_come_in_the_order_of_the_requests(count):
    """Also where two processes share them: more words take longer, row by row."""
    requests = mixed(count)
    spoken = synthesis.speak_all(requests)
    found = {}
    for request, waveform in zip(requests, spoken, strict=True):
        found.setdefault(len(request.text), []).append(seconds(waveform))
    lengths = [found[length] for length in sorted(found)]
    assert all(max(less) < min(more) - 0.1 for less, more in itertools.pairwise(lengths))


def test_many_are_made_by_two_processes(monkeypatch):
    """Each gets half; the package is looked at once, not by both at a time: pip might have to install it."""
    shares, looks = [], []
    run, look = synthesis._run, synthesis._folder
    monkeypatch.setattr(synthesis, "_run", lambda part, folder: shares.append(len(part)) or run(part, folder))
    monkeypatch.setattr(synthesis, "_folder", lambda: looks.append(1) or look())
    synthesis.speak_all(mixed(synthesis.FEW + 1))
    assert sorted(shares) == [50, 51] and len(looks) == 1


def test_nothing_is_no_error():
    """No requests, no waveforms; a request may be shorter than four."""
    assert synthesis.speak_all([]) == []
    assert len(synthesis.speak_all(iter([("one",), ["two", "en-us"]]))) == 2


def test_speed_and_pitch_do_what_they_say():
    """Twice the words a minute take about half the time; a higher pitch has its first peak earlier."""
    slow, fast = (synthesis.speak("one two three four five six", speed=speed) for speed in (120, np.int64(240)))
    assert seconds(slow) / seconds(fast) == pytest.approx(2, abs=0.4)

    def period(pitch):
        """Return the distance in samples after which the sound of a vowel repeats itself."""
        samples = synthesis.speak("aaah", pitch=pitch).samples
        piece = samples[len(samples) // 2 - 1_000 :][:2_000]
        likeness = np.correlate(piece, piece, "full")[2_000:]
        return 50 + likeness[50:400].argmax()

    assert period(20) > 1.2 * period(80)


def test_texts_of_any_letters():
    """Line feeds, accents, other scripts, quotes: each text is one answer, and what follows it is its own."""
    texts = ["one\ntwo", "déjà vu", "世界", 'say "a" \\', "x" * 1_000, "one"]
    spoken = synthesis.speak_all([Request(text) for text in texts])
    assert all(len(waveform.samples) > 5_000 for waveform in spoken)
    assert 0.2 < seconds(spoken[-1]) < 0.6


# --- arguments -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: synthesis.speak(3), "speak: text is a int, 3; expected a str"),
        (lambda: synthesis.speak(""), "speak: text is empty; it must have 1 to 1,000 characters"),
        (lambda: synthesis.speak(" \n"), "speak: text is empty"),
        (lambda: synthesis.speak("a" * 1_001), "speak: text has 1,001 characters; it must have 1 to 1,000"),
        (lambda: synthesis.speak("one\0two"), r"speak: text holds '\\x00', which is no character that can be read"),
        (lambda: synthesis.speak("\ud800"), r"speak: text holds '\\ud800'"),
        (lambda: synthesis.speak("one", None), "speak: voice is a NoneType, None; expected a str"),
        (lambda: synthesis.speak("one", "de"), "speak: the accent of voice is 'de'; it can be 'en-us', 'en-us-nyc',"),
        (lambda: synthesis.speak("one", "Annie"), "speak: the accent of voice is 'Annie'"),
        (lambda: synthesis.speak("one", "en-us+"), "speak: there is no variant ''; synthesis.variants.. lists the 104"),
        (lambda: synthesis.speak("one", "en-us+annie"), "speak: there is no variant 'annie'"),
        (lambda: synthesis.speak("one", "en-us+Annie+Lee"), r"speak: there is no variant 'Annie\+Lee'"),
        (lambda: synthesis.speak("one", speed=79), "speak: speed is 79; .* integer from 80 to 450 words a minute"),
        (lambda: synthesis.speak("one", speed=451), "speak: speed is 451"),
        (lambda: synthesis.speak("one", speed=160.0), "speak: speed is 160.0"),
        (lambda: synthesis.speak("one", speed=True), "speak: speed is True"),
        (lambda: synthesis.speak("one", pitch=-1), "speak: pitch is -1; it must be an integer from 0 to 99"),
        (lambda: synthesis.speak("one", pitch=100), "speak: pitch is 100"),
        (lambda: synthesis.speak("one", pitch="50"), "speak: pitch is '50'"),
        (lambda: synthesis.speak_all("one"), "speak_all: requests is a str, 'one'; expected a list of Request"),
        (lambda: synthesis.speak_all(Request("one")), "speak_all: requests is a Request"),
        (lambda: synthesis.speak_all(None), "speak_all: requests is a NoneType"),
        (lambda: synthesis.speak_all(["one"]), r"speak_all: row 0 of requests .* is a str, 'one'; expected a Request"),
        (
            lambda: synthesis.speak_all([("a",), ()]),
            r"speak_all: row 1 of requests \(counted from 0\) is a tuple, \(\)",
        ),
        (lambda: synthesis.speak_all([(*Request("a"), 1)]), "speak_all: row 0 of requests .* is a tuple"),
        (lambda: synthesis.speak_all([("a",), ("b", "x")]), "speak_all: row 1 of requests .* accent of voice is 'x'"),
    ],
)
def test_bad_arguments_are_refused(call, message, monkeypatch):
    """With what was given, what is accepted, and the row; before anything is spoken."""
    monkeypatch.setattr(synthesis.subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    with pytest.raises(ValueError, match=f"^{message}"):
        call()


# --- what can fail ---------------------------------------------------------------------------------


@pytest.fixture
def unknown():
    """Forget which variants there are, before and after."""
    synthesis.variants.cache_clear()
    yield
    synthesis.variants.cache_clear()


def fails(call, message):
    """Check that a call raises SynthesisError with one sentence, or two where the second says what to do."""
    with pytest.raises(SynthesisError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value) and "Traceback" not in str(caught.value)


def test_a_missing_package_is_said(unknown, monkeypatch):
    """Where pip cannot install it: by each function, with the command."""
    monkeypatch.setattr(corpora, "installed_version", lambda name: None)
    failed = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(corpora.subprocess, "run", lambda *_, **__: failed)
    wanted = (
        r"^eSpeak NG cannot be used: the data package espeakng-loader==[\d.]+ is missing and could not .* pip install"
    )
    for call in (
        synthesis.variants,
        lambda: synthesis.speak("one"),
        lambda: synthesis.speak("one", "en-us+Annie"),
        lambda: synthesis.speak_all([("one",)] * 200),
    ):
        fails(call, wanted)


def test_a_damaged_package_is_said(unknown, monkeypatch):
    """A file with another checksum, and another version."""
    real = corpora.manifest()["espeak"]
    damaged = dict(real, files={**real["files"], list(real["files"])[4]: "0" * 64})
    for entry, message in ((damaged, "SHA-256 differs"), (dict(real, version="9.9"), "is installed, not 9.9")):
        monkeypatch.setattr(corpora, "manifest", lambda entry=entry: {"espeak": entry})
        fails(lambda: synthesis.speak("one"), f"^eSpeak NG cannot be used: espeak: .*{message}")
        fails(synthesis.variants, message)


@pytest.mark.parametrize("files", [[], ["Annie", "Lee"]])
def test_other_variants_are_no_variants(files, unknown, tmp_path, monkeypatch):
    """Voices would be drawn otherwise: a package with fewer is refused, and one without the folder."""
    for name in files:
        (tmp_path / "espeak-ng-data" / "voices" / "!v").mkdir(parents=True, exist_ok=True)
        (tmp_path / "espeak-ng-data" / "voices" / "!v" / name).write_text("")
    monkeypatch.setattr(synthesis, "_folder", lambda: tmp_path)
    fails(synthesis.variants, f"^eSpeak NG cannot be used: the package has {len(files)} variants, not 104")


@pytest.mark.parametrize("content", [None, b"", b"no library at all"])
def test_a_library_that_cannot_be_loaded(content, tmp_path, monkeypatch):
    """Because it is missing, or made for another system: the reason that the system gives, without a traceback."""
    path = tmp_path / "libespeak-ng.so"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(synthesis, "_library", lambda folder: path)
    fails(lambda: synthesis.speak("one"), "^eSpeak NG cannot be used: OSError: .*libespeak-ng")


def test_data_that_cannot_be_read(tmp_path, monkeypatch):
    """The library is there, and what it reads is not."""
    library = synthesis._library(synthesis._folder())
    monkeypatch.setattr(synthesis, "_library", lambda folder: library)
    monkeypatch.setattr(synthesis, "_folder", lambda: tmp_path)
    fails(lambda: synthesis.speak("one"), "^eSpeak NG cannot be used: its data in .*espeak-ng-data cannot be read")


@pytest.mark.parametrize(
    "program, message",
    [
        ("import os; os.abort()", "eSpeak NG cannot be used: it ended with "),
        ("print(22050); print(4); print('a')", r"eSpeak NG stopped \('one', 'en-us'\)\.$"),
        ("print(22050)", "eSpeak NG stopped"),
        ("", "eSpeak NG stopped"),
        ("print(22050); print('! there is no voice'); print('! no more')", r"there is no voice \('one', 'en-us'\)\.$"),
        ("import sys; sys.exit('one\\ntwo')", "eSpeak NG cannot be used: two"),
    ],
)
@pytest.mark.parametrize("count", [1, 150])
def test_a_process_that_ends(program, message, count, monkeypatch):
    """Crashed, or in the middle of an answer: one sentence, and no sound that is half of one."""
    run = subprocess.run

    def another(command, **options):
        return run([sys.executable, "-c", program], **options)

    monkeypatch.setattr(synthesis.subprocess, "run", another)
    fails(lambda: synthesis.speak_all([("one",)] * count), f"^{message}")


def test_the_library_has_the_last_word_about_voices(monkeypatch):
    """A voice that it lacks is named, with the text."""
    monkeypatch.setattr(synthesis, "ACCENTS", (*synthesis.ACCENTS, "xx-no"))
    fails(
        lambda: synthesis.speak_all([("one",), ("two", "xx-no")]), r"^eSpeak NG has no voice 'xx-no' \('two', 'xx-no'\)"
    )


@pytest.mark.parametrize("system, name", [("linux", "libespeak-ng.so"), ("darwin", "libespeak-ng.dylib")])
def test_the_librarys_name_depends_on_the_system(system, name, monkeypatch, tmp_path):
    """As the package's wheels have it."""
    monkeypatch.setattr(synthesis.sys, "platform", system)
    assert synthesis._library(tmp_path) == tmp_path / name
