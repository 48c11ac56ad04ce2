"""Sound: recordings as arrays of samples, noise, and the frames that a network reads.

    from utils import speech
    waveform = speech.read_wav("me.wav")
    frames = speech.features(waveform)  # (T, 40): T frames, 40 frequency bands
    speech.player(waveform)  # in a notebook: listen

A waveform is air pressure over time, `rate` samples a second. Everything below works at RATE; `resample` brings
any other rate there. TensorFlow is not needed.
"""

from __future__ import annotations

import functools
import os
import pathlib
import typing
import warnings

import numpy as np

from utils import arguments

if typing.TYPE_CHECKING:
    from IPython.display import Audio

RATE = 16_000  # samples a second: what speech recognition uses, enough for sounds up to 8,000 hertz
WINDOW, HOP = 400, 200  # samples: frames of 25 milliseconds, one every 12.5
FFT_LENGTH = 512
BANDS = 40
LOWEST, HIGHEST = 60.0, 7_600.0  # hertz
FLOOR = 1e-6  # added before the logarithm: the energy of what nobody hears
DEVIATION = 2.6  # of log energies, rounded: it brings the features near deviation 1
PLAYED_RATE = 8_000  # a telephone's: a third of the size in a notebook
SHORTEST, LONGEST = 0.05, 60.0  # seconds of a recording
SLOWEST, FASTEST = 1_000, 384_000  # samples a second of a recording; the most that microphones are sold with
LOUDEST = 10.0  # floats may go a little beyond 1 where somebody mixed sounds; a file beyond this is damaged
SILENCE = 1e-4  # deviation below which a recording holds nothing: 80 decibels below the loudest


class Waveform(typing.NamedTuple):
    """samples: float32, shape (N,), from -1 to 1. rate: samples a second, an integer."""

    samples: np.ndarray
    rate: int


# --- recordings ------------------------------------------------------------------------------------


def read_wav(path: str | os.PathLike[str]) -> Waveform:
    """Return a WAV file as a Waveform of one channel, at the file's own rate.

    Integers of 8, 16, 24 and 32 bits and floats of 32 and 64 are read; of several channels the mean is taken.
    Raises FileNotFoundError, or ValueError with the file's name for what is no WAV file (an MP3 with another name,
    say) or a damaged one, for compressed samples, a rate below 1,000 or above 384,000, samples that are no numbers
    or far beyond 1, a recording of less than 0.05 or more than 60 seconds, and for silence.
    """
    from scipy.io import wavfile

    path = pathlib.Path(path)
    if path.is_dir():
        raise ValueError(f"read_wav: {path} is a folder; give the path of a WAV file.")
    if path.is_file() and not path.stat().st_size:
        raise ValueError(f"read_wav: {path.name} is empty, it has no bytes at all.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # of chunks that are no sound: titles, places
            rate, samples = wavfile.read(path)
    except FileNotFoundError:
        raise FileNotFoundError(f"read_wav: there is no file {path}.") from None
    except OSError as error:
        raise ValueError(f"read_wav: {path.name} cannot be read: {error.strerror or error}.") from None
    except Exception as error:  # of a damaged header SciPy raises whatever its next step does: UnboundLocalError, say
        advice = "record it anew, or save it as WAV (16-bit PCM)"
        reason = str(error).rstrip(".") if isinstance(error, ValueError) else "it is cut short or damaged"
        raise ValueError(f"read_wav: {path.name} is no WAV file that can be read ({reason}); {advice}.") from None
    if not SLOWEST <= rate <= FASTEST:
        raise ValueError(
            f"read_wav: {path.name} says that it has {rate} samples a second; expected {SLOWEST:,} to {FASTEST:,}."
        )
    seconds = len(samples) / rate
    if not SHORTEST <= seconds <= LONGEST:
        expected = f"{SHORTEST} to {LONGEST:.0f} seconds of speech"
        raise ValueError(f"read_wav: {path.name} lasts {seconds:.2f} seconds; expected {expected}.")
    with np.errstate(all="ignore"):  # of infinite samples, which get their sentence below
        samples = _as_float(samples)
        if samples.ndim == 2:
            samples = samples.mean(axis=1)
    if not np.isfinite(samples).all():
        raise ValueError(f"read_wav: {path.name} holds samples that are infinite or not a number.")
    if (loudest := np.abs(samples).max()) > LOUDEST:
        raise ValueError(f"read_wav: {path.name} holds samples up to {loudest:.3g}; floats are expected from -1 to 1.")
    if samples.std() < SILENCE:  # and not the loudness: a microphone that is off may give any constant
        raise ValueError(f"read_wav: {path.name} holds {seconds:.1f} seconds of silence; was the microphone on?")
    return Waveform(samples.astype(np.float32), int(rate))


def _as_float(samples):
    """Return integer samples as float64 from -1 to 1; SciPy puts 24 bits into the upper three bytes of 32."""
    if samples.dtype == np.uint8:
        return (samples.astype(np.float64) - 128) / 128
    if samples.dtype.kind == "i":
        return samples / -float(np.iinfo(samples.dtype).min)
    return samples.astype(np.float64)


def _checked(function, waveform):
    """Raise ValueError unless something is a Waveform with samples, all of them numbers."""
    if not isinstance(waveform, Waveform):
        raise ValueError(
            f"{function}: waveform is {arguments.describe(waveform)}; expected a speech.Waveform(samples, rate)."
        )
    samples, rate = waveform
    if not isinstance(samples, np.ndarray) or samples.ndim != 1 or samples.dtype.kind != "f":
        given = (
            f"an array of shape {samples.shape} and dtype {samples.dtype}"
            if isinstance(samples, np.ndarray)
            else arguments.describe(samples)
        )
        raise ValueError(f"{function}: the waveform's samples are {given}; expected a float array of shape (N,).")
    arguments.check_integer(function, "the waveform's rate", rate, 1)
    if not len(samples):
        raise ValueError(f"{function}: the waveform has no samples.")
    if not np.isfinite(samples).all():
        raise ValueError(f"{function}: the waveform has samples that are infinite or not a number.")


def resample(waveform: Waveform, rate: int = RATE) -> Waveform:
    """Return a waveform at another rate, the same sound: what is above half the lower rate is filtered away.

    By SciPy's polyphase filter. Raises ValueError for a rate below 1, and for what is no Waveform with samples, as all
    functions below do.
    """
    from scipy.signal import resample_poly

    _checked("resample", waveform)
    arguments.check_integer("resample", "rate", rate, 1)
    if rate == waveform.rate:
        return waveform
    divisor = int(np.gcd(rate, waveform.rate))
    samples = resample_poly(waveform.samples, rate // divisor, waveform.rate // divisor)
    return Waveform(samples.astype(np.float32), int(rate))


def loudness(waveform: Waveform) -> float:
    """Return the root mean square of the samples, a float from 0 to 1."""
    _checked("loudness", waveform)
    return float(np.sqrt(np.mean(np.square(waveform.samples, dtype=np.float64))))


def add_noise(waveform: Waveform, decibels: float, seed: int = 0) -> Waveform:
    """Return a waveform with white noise, which is that many decibels weaker than the speech.

    decibels: the signal-to-noise ratio, 10 log10 of speech energy / noise energy: at 20 the noise has a hundredth
    of the energy, at 0 as much as the speech. seed: of the noise.
    Raises ValueError for a number that is not from -60 to 120, a bad seed, and silence.
    """
    _checked("add_noise", waveform)
    arguments.check_between("add_noise", "decibels", decibels, -60, 120)
    arguments.check_seed("add_noise", seed)
    level = loudness(waveform) * 10 ** (-decibels / 20)
    if not level:
        raise ValueError("add_noise: the waveform is silent; no noise is weaker than silence by a number of decibels.")
    noise = np.random.RandomState(seed).standard_normal(len(waveform.samples))
    return Waveform((waveform.samples + level * noise).astype(np.float32), waveform.rate)


def player(waveform: Waveform) -> Audio:
    """Return a player for a notebook; the sound goes into the notebook at 8,000 samples a second, like a telephone's.

    About 20 kB for a second.
    """
    from IPython.display import Audio

    _checked("player", waveform)
    samples, rate = resample(waveform, min(PLAYED_RATE, waveform.rate))
    return Audio(samples / max(np.abs(samples).max(), 1e-9), rate=rate)


# --- frames ----------------------------------------------------------------------------------------


def cut(waveform: Waveform, window: int = WINDOW, hop: int = HOP) -> np.ndarray:
    """Return the overlapping pieces of a waveform: shape (T, window), one every `hop` samples.

    T = 1 + (N - window) // hop: what is left at the end and fills no window is dropped. The array is a view of the
    samples, and cannot be written to. Raises ValueError for a waveform shorter than one window.
    """
    _checked("cut", waveform)
    arguments.check_integer("cut", "window", window, 1)
    arguments.check_integer("cut", "hop", hop, 1)
    if len(waveform.samples) < window:
        raise ValueError(f"cut: the waveform has {len(waveform.samples)} samples, and one window needs {window}.")
    return np.lib.stride_tricks.sliding_window_view(waveform.samples, window)[::hop]


def mel(hertz: np.ndarray | float) -> np.ndarray:
    """Return frequencies on the mel scale, on which steps that sound equal are equal: 1,000 hertz are 1,000 mel.

    Source: Stevens, Volkmann and Newman (1937); the formula: O'Shaughnessy (1987), as most programs have it.
    """
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def hertz(mel: np.ndarray | float) -> np.ndarray:
    """Return mel as frequencies in hertz: the inverse of `mel`."""
    return 700 * (10 ** (np.asarray(mel) / 2595) - 1)


def mel_bank(bands: int = BANDS, fft_length: int = FFT_LENGTH, rate: int = RATE) -> np.ndarray:
    """Return the weights of triangular bands over the bins of a Fourier transform: float32, (fft_length//2 + 1, bands).

    The bands' centres stand at equal distances on the mel scale from 60 to 7,600 hertz (or half the rate); each
    begins at its lower neighbour's centre and ends at its upper one's. The array is kept, and cannot be written to.
    Raises ValueError for bands below 1, an fft_length below 2, and a rate below 1,000.
    """
    arguments.check_integer("mel_bank", "bands", bands, 1)
    arguments.check_integer("mel_bank", "fft_length", fft_length, 2)
    arguments.check_integer("mel_bank", "rate", rate, SLOWEST)
    return _bank(int(bands), int(fft_length), int(rate))


@functools.cache
def _bank(bands, fft_length, rate):
    """Return what `mel_bank` describes."""
    corners = hertz(np.linspace(mel(LOWEST), mel(min(HIGHEST, rate / 2)), bands + 2))
    bins = np.fft.rfftfreq(fft_length, 1 / rate)[:, None]
    rising = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    bank = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    bank.flags.writeable = False
    return bank


def log_mel(waveform: Waveform) -> np.ndarray:
    """Return the log energies of a waveform in 40 mel bands: float32, shape (T, 40), a frame every 12.5 milliseconds.

    A waveform of another rate is brought to RATE first. Raises ValueError for less sound than one frame (25 ms).
    """
    _checked("log_mel", waveform)
    pieces = cut(resample(waveform)) * np.hanning(WINDOW).astype(np.float32)
    energies = np.abs(np.fft.rfft(pieces, FFT_LENGTH)) ** 2
    return np.log(energies.astype(np.float32) @ mel_bank() + FLOOR)


def features(waveform: Waveform) -> np.ndarray:
    """Return what the networks of the course read: `log_mel` less each band's mean over the utterance, scaled.

    Float32, shape (T, 40), deviation about 1. In logarithms a loud voice or another microphone adds a constant to a
    band: taking the mean away takes that away (Atal 1974). A program that listens live would take a running mean.
    """
    energies = log_mel(waveform)
    return (energies - energies.mean(axis=0)) / DEVIATION
