"""utils.speech: recordings of every kind or one clear sentence, and frames as the textbook computes them."""

import functools
import io
import struct
import subprocess
import sys
import wave

import numpy as np
import pytest
import tensorflow as tf
from scipy.io import wavfile

from utils import speech
from utils.speech import Waveform

KINDS = {"uint8": 8, "int16": 16, "int24": 24, "int32": 32, "float32": 23, "float64": 23}  # and bits that must survive


def sine(hertz, rate=speech.RATE, seconds=0.5, height=0.5):
    """Return a sine as a Waveform."""
    times = np.arange(round(seconds * rate)) / rate
    return Waveform((height * np.sin(2 * np.pi * hertz * times)).astype(np.float32), rate)


def voice(seconds=0.6, rate=speech.RATE, seed=0):
    """Return something like speech, loud in all bands: noise whose loudness changes, as a Waveform."""
    random = np.random.RandomState(seed)
    count = round(seconds * rate)
    return Waveform((0.2 * random.normal(size=count) * (1.1 + np.sin(np.arange(count) / 900))).astype("float32"), rate)


def wav(samples, rate, kind="int16"):
    """Return the bytes of a WAV file, made by other programs than the one that reads them where that is possible."""
    samples = np.asarray(samples)
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    file = io.BytesIO()
    if kind.startswith("float"):
        wavfile.write(file, rate, samples.astype(kind))
        return file.getvalue()
    width = KINDS[kind] // 8
    whole = np.rint(samples * (2 ** (8 * width - 1) - 1)).astype(np.int64).ravel()
    if width == 1:
        whole += 128  # WAV files of 8 bits have no sign
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate)
        writer.writeframes(b"".join(int(one).to_bytes(width, "little", signed=width > 1) for one in whole))
    return file.getvalue()


@pytest.fixture
def write(tmp_path):
    """Return a function that puts bytes into a file me.wav and returns its path."""

    def put(content):
        path = tmp_path / "me.wav"
        path.write_bytes(content)
        return path

    return put


# --- recordings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 16_001])
def test_every_kind_of_samples(kind, rate, write):
    """From -1 to 1 with 0 where it was, as exactly as the bits allow, at the file's own rate."""
    given = np.concatenate([sine(440, rate, 0.1, 0.9).samples, np.full(50, 1.0), np.zeros(50), np.full(50, -0.5)])
    read = speech.read_wav(write(wav(given, rate, kind)))
    assert read.rate == rate and type(read.rate) is int
    assert read.samples.dtype == np.float32 and read.samples.shape == given.shape
    assert np.abs(read.samples - given).max() < 2 ** -(KINDS[kind] - 2)
    assert read.samples[-75] == 0


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_the_ends_of_the_scale(width, write):
    """The smallest integer is -1 exactly, half of it -0.5, the largest one step below 1; at 8 bits 128 is 0."""
    most = 2 ** (8 * width - 1)
    numbers = [-most, -most // 2, 0, most // 2, most - 1] * 200
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, width, 16_000, 0, "NONE", None))
        shift = most if width == 1 else 0
        writer.writeframes(b"".join((one + shift).to_bytes(width, "little", signed=width > 1) for one in numbers))
    read = speech.read_wav(write(file.getvalue())).samples
    assert read[:5].tolist() == [-1, -0.5, 0, 0.5, np.float32(1 - 1 / most)]


@pytest.mark.parametrize("kind", KINDS)
def test_of_several_channels_the_mean_is_taken(kind, write):
    """Two that are not the same."""
    left, right = sine(300, seconds=0.2).samples, sine(700, seconds=0.2, height=0.2).samples
    read = speech.read_wav(str(write(wav(np.stack([left, right], axis=1), 16_000, kind))))
    assert read.samples.shape == left.shape
    assert np.abs(read.samples - (left + right) / 2).max() < 2 ** -(KINDS[kind] - 2)


def test_other_chunks_are_passed_over(write, recwarn):
    """Titles and such, before the sound and after it; a recording cut short gives what is there."""
    plain = wav(sine(440).samples, 16_000)
    title = b"LIST" + struct.pack("<I", 8) + b"INFOabcd"
    whole = speech.read_wav(write(plain)).samples
    assert np.array_equal(speech.read_wav(write(plain[:36] + title + plain[36:] + title)).samples, whole)
    assert np.array_equal(speech.read_wav(write(plain[:-4_000])).samples, whole[:-2_000])
    assert not recwarn.list


SOUND = wav(sine(440).samples, 16_000)
SHORT = sine(440, seconds=0.04).samples
LONG = np.tile(sine(440, 2_000, 1).samples, 61)
DIRTY = np.where(np.arange(4_000) == 2_000, np.nan, 0.3)
ENDLESS = np.where(np.arange(4_000) == 2_000, np.inf, 0.3)


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "me.wav is empty, it has no bytes at all"),
        (b"ID3\x04\x00\x00\x00\x00\x0f\x76TSSE" + bytes(200), "me.wav is no WAV file that can be read .*b'ID3"),
        (b"\xff\xfb\x90\x64" * 100, "me.wav is no WAV file that can be read"),
        (b"three one four\n", "me.wav is no WAV file that can be read .*b'thre'"),
        (b"RIFF\x24\x00\x00\x00AVI LIST" + bytes(100), "me.wav is no WAV file .*b'AVI '"),
        (SOUND[:2], "me.wav is no WAV file"),
        (SOUND[:30], r"me.wav is no WAV file that can be read \(it is cut short or damaged\); record it anew"),
        (SOUND[:36], r"me.wav is no WAV file .*; record it anew, or save it as WAV .16-bit PCM.\.$"),
        (SOUND[:42], "me.wav is no WAV file that can be read"),
        (SOUND[:20] + b"\x55\x00" + SOUND[22:], "me.wav is no WAV file that can be read .*MPEGLAYER3"),
        (SOUND[:22] + b"\x00\x00" + SOUND[24:], r"me.wav is no WAV file that can be read \(it is cut short"),
        (SOUND[:24] + bytes(8) + SOUND[32:], "me.wav says that it has 0 samples a second; expected 1,000 to 384,000"),
        (wav(sine(440).samples, 999), "me.wav says that it has 999 samples a second"),
        (wav(sine(440).samples, 384_001), "me.wav says that it has 384001 samples a second"),
        (wav([], 16_000), "me.wav lasts 0.00 seconds; expected 0.05 to 60 seconds of speech"),
        (wav(SHORT, 16_000), "me.wav lasts 0.04 seconds"),
        (wav(LONG, 2_000), "me.wav lasts 61.00 seconds"),
        (wav(np.zeros(16_000), 16_000), "me.wav holds 1.0 seconds of silence; was the microphone on"),
        (wav(np.zeros(16_000), 16_000, "uint8"), "me.wav holds 1.0 seconds of silence"),
        (wav(np.full(16_000, 0.25), 16_000), "me.wav holds 1.0 seconds of silence"),
        (wav(np.zeros((8_000, 2)), 16_000, "float32"), "me.wav holds 0.5 seconds of silence"),
        (wav(DIRTY, 16_000, "float32"), "me.wav holds samples that are infinite or not a number"),
        (wav(ENDLESS, 16_000, "float64"), "me.wav holds samples that are infinite or not a number"),
        (
            wav(sine(440).samples * np.float64(1e39), 16_000, "float64"),
            "me.wav holds samples up to 5e.38; floats are expected",
        ),
        (wav(sine(440).samples * 1e4, 16_000, "float32"), "me.wav holds samples up to 5e.03; floats are expected"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_what_cannot_be_read_is_said(content, message, write, recwarn):
    """One sentence with the file's name, no word of SciPy's own trouble, and no warning."""
    with pytest.raises(ValueError, match=f"^read_wav: {message}") as caught:
        speech.read_wav(write(content))
    assert str(caught.value).endswith((".", "?")) and "local variable" not in str(caught.value)
    assert not recwarn.list


def test_the_limits_of_length_are_accepted(write):
    """0.05 and 60 seconds; floats a little beyond 1; a whisper."""
    assert len(speech.read_wav(write(wav(sine(440, seconds=0.05).samples, 16_000))).samples) == 800
    assert len(speech.read_wav(write(wav(LONG[:120_000], 2_000))).samples) == 120_000
    assert speech.read_wav(write(wav(sine(440, height=1.5).samples, 16_000, "float32"))).samples.max() > 1.4
    assert speech.loudness(speech.read_wav(write(wav(sine(440, height=2e-4).samples, 16_000)))) < 2e-4


def test_no_file_and_a_folder(tmp_path):
    """Both named as they were given."""
    with pytest.raises(FileNotFoundError, match=r"^read_wav: there is no file .*lost\.wav\.$"):
        speech.read_wav(tmp_path / "lost.wav")
    with pytest.raises(ValueError, match="^read_wav: .* is a folder; give the path of a WAV file"):
        speech.read_wav(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_raise_nothing_else(kind, write, recwarn):
    """Bytes changed in the header or anywhere, pieces cut off: a waveform that is whole, or ValueError, no warning."""
    random = np.random.RandomState(KINDS[kind])
    good = {1: wav(sine(440, seconds=0.1).samples, 16_000, kind)}
    good[2] = wav(np.tile(sine(440, seconds=0.1).samples[:, None], 2), 16_000, kind)
    outcomes = {"read": 0, "refused": 0}
    for turn in range(100):
        content = bytearray(good[1 + turn % 2])
        if turn % 5 == 0:
            content[:4] = [b"RIFX", b"RF64"][turn % 2]
        for _ in range(random.randint(1, 4)):
            place = random.randint(60 if random.rand() < 0.9 else len(content))
            content[place] = random.choice([0, 1, 2, 3, 127, 128, 255, random.randint(256)])
        if random.rand() < 0.3:
            del content[random.randint(len(content)) :]
        try:
            read = speech.read_wav(write(content))
        except ValueError as error:
            assert str(error).startswith("read_wav: me.wav ")
            outcomes["refused"] += 1
        else:
            assert read.samples.dtype == np.float32 and read.samples.ndim == 1 and np.abs(read.samples).max() <= 10
            assert np.isfinite(speech.features(read)).all()
            outcomes["read"] += 1
    assert min(outcomes.values()) >= 10
    assert not recwarn.list


# --- rate, loudness, noise -------------------------------------------------------------------------


def strongest(waveform):
    """Return the frequency in hertz that is strongest in a waveform."""
    energies = np.abs(np.fft.rfft(waveform.samples * np.hanning(len(waveform.samples))))
    return energies.argmax() * waveform.rate / len(waveform.samples)


@pytest.mark.parametrize("rate, wanted", [(44_100, 16_000), (8_000, 16_000), (22_050, 16_000), (16_000, 11_025)])
def test_a_tone_stays_the_same_tone(rate, wanted):
    """Its pitch, its loudness and how long it lasts, whatever the rate."""
    tone = sine(1_000, rate)
    other = speech.resample(tone, wanted)
    assert other.rate == wanted and other.samples.dtype == np.float32
    assert len(other.samples) == pytest.approx(wanted / 2, abs=1)
    assert strongest(other) == pytest.approx(1_000, abs=3)
    assert speech.loudness(other) == pytest.approx(speech.loudness(tone), rel=0.02)


def test_what_the_lower_rate_cannot_hold_is_removed():
    """10,000 hertz would come back as 6,000 in 16,000 samples a second; what is below stays."""
    assert speech.loudness(speech.resample(sine(10_000, 44_100))) < 0.01
    both = Waveform(sine(10_000, 44_100).samples + sine(1_000, 44_100).samples, 44_100)
    assert speech.loudness(speech.resample(both)) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


def test_the_same_rate_changes_nothing():
    """Not even by rounding; NumPy's integers are rates as well."""
    tone = sine(1_000)
    assert speech.resample(tone, np.int32(16_000)).samples is tone.samples
    assert len(speech.resample(Waveform(tone.samples, np.int64(8_000)), np.int16(4_000)).samples) == 4_000


def test_loudness_of_known_sounds():
    """A sine has its height / sqrt 2, a constant itself, silence 0."""
    assert speech.loudness(sine(100, height=0.6)) == pytest.approx(0.6 / np.sqrt(2), rel=1e-5)
    assert speech.loudness(Waveform(np.full(10, -0.5, np.float32), 1)) == 0.5
    assert speech.loudness(Waveform(np.zeros(10), 16_000)) == 0


@pytest.mark.parametrize("decibels", [-10, 0, 20, 35.5])
def test_noise_is_as_loud_as_it_is_said(decibels):
    """10 log10 of the energies' quotient is what was asked for; the noise is white; other seeds make another."""
    tone = sine(1_000, seconds=4)
    noisy = speech.add_noise(tone, decibels, seed=3)
    noise = noisy.samples.astype(np.float64) - tone.samples
    assert 10 * np.log10(np.mean(tone.samples**2) / np.mean(noise**2)) == pytest.approx(decibels, abs=0.15)
    energies = np.abs(np.fft.rfft(noise)) ** 2
    assert np.array_split(energies, 4)[0].mean() == pytest.approx(np.array_split(energies, 4)[3].mean(), rel=0.1)
    assert noisy.rate == tone.rate and noisy.samples.dtype == np.float32
    assert np.array_equal(noisy.samples, speech.add_noise(tone, decibels, seed=3).samples)
    assert not np.array_equal(noisy.samples, speech.add_noise(tone, decibels, seed=4).samples)


@pytest.mark.parametrize("rate, kept", [(16_000, 8_000), (6_000, 6_000)])
def test_the_player_has_the_sound(rate, kept):
    """A WAV file inside the notebook, at 8,000 samples a second or fewer, loud enough."""
    content = speech.player(sine(500, rate, height=0.01)).data
    with wave.open(io.BytesIO(content)) as reader:
        assert reader.getframerate() == kept and reader.getnframes() == kept // 2 and reader.getsampwidth() == 2
        samples = np.frombuffer(reader.readframes(kept), "<i2")
    assert np.abs(samples).max() > 30_000
    assert strongest(Waveform(samples / 2**15, kept)) == pytest.approx(500, abs=3)


# --- frames ----------------------------------------------------------------------------------------


def test_pieces_stand_where_they_should():
    """Piece i begins at i times the hop; the rest is dropped; exactly one window is one piece."""
    waveform = Waveform(np.arange(1_000, dtype=np.float32), 16_000)
    pieces = speech.cut(waveform)
    assert pieces.shape == (4, 400)
    assert all(np.array_equal(piece, waveform.samples[200 * row :][:400]) for row, piece in enumerate(pieces))
    assert speech.cut(waveform, 7, 3).shape == (1 + (1_000 - 7) // 3, 7)
    assert speech.cut(waveform, 1_000, 1).shape == (1, 1_000)
    with pytest.raises(ValueError, match="read-only"):
        pieces[0, 0] = 1


def test_mel_and_back():
    """1,000 hertz are 1,000 mel, 0 is 0, what is above is squeezed; `hertz` undoes `mel`; TensorFlow's is the same."""
    assert speech.mel(1_000) == pytest.approx(1_000, abs=0.1) and speech.mel(0) == 0
    assert speech.mel(2_000) - speech.mel(1_000) < speech.mel(1_000) - speech.mel(0)
    frequencies = np.linspace(0, 8_000, 50)
    assert np.allclose(speech.hertz(speech.mel(frequencies)), frequencies)
    assert np.allclose(speech.mel(frequencies), 1127 * np.log(1 + frequencies / 700), rtol=1e-4)


@pytest.mark.parametrize("bands, fft_length, rate", [(40, 512, 16_000), (13, 400, 16_000), (24, 257, 8_000)])
def test_the_bank_is_made_of_triangles(bands, fft_length, rate):
    """Weight by weight, as the definition says it, in a loop."""
    bank = speech.mel_bank(bands, fft_length, rate)
    top = min(7_600, rate / 2)
    low, high = 2595 * np.log10(1 + 60 / 700), 2595 * np.log10(1 + top / 700)
    corners = [700 * (10 ** ((low + (high - low) * i / (bands + 1)) / 2595) - 1) for i in range(bands + 2)]
    assert bank.shape == (fft_length // 2 + 1, bands) and bank.dtype == np.float32
    for row in range(len(bank)):
        frequency = row * rate / fft_length
        for band in range(bands):
            left, centre, right = corners[band : band + 3]
            if left < frequency <= centre:
                expected = (frequency - left) / (centre - left)
            elif centre < frequency < right:
                expected = (right - frequency) / (right - centre)
            else:
                expected = 0
            assert bank[row, band] == pytest.approx(expected, abs=1e-5)


def test_the_bank_is_nearly_tensorflows():
    """The same centres and widths; TensorFlow's sides are straight in mel, ours in hertz. No band of ours is empty."""
    ours = speech.mel_bank()
    theirs = tf.signal.linear_to_mel_weight_matrix(40, 257, 16_000, 60.0, 7_600.0).numpy()
    assert ours.shape == theirs.shape
    assert np.abs(ours.argmax(axis=0) - theirs.argmax(axis=0)).max() <= 1
    assert np.array_equal(ours > 0.03, ours.clip(0) * (theirs > 0) > 0.03) and np.abs(ours - theirs).max() < 0.06
    assert (ours.max(axis=0) > 0.5).all()


def test_the_bank_is_kept_and_cannot_be_changed():
    """One array for all; True is no 1, which it equals."""
    assert speech.mel_bank() is speech.mel_bank(np.int64(40))
    with pytest.raises(ValueError, match="read-only"):
        speech.mel_bank()[0, 0] = 1
    speech.mel_bank(1)
    with pytest.raises(ValueError, match="mel_bank: bands is True"):
        speech.mel_bank(True)


def tensorflows_log_mel(samples):
    """Return what TensorFlow's short-time Fourier transform makes of samples."""
    window = functools.partial(tf.signal.hann_window, periodic=False)
    spectra = tf.signal.stft(samples, speech.WINDOW, speech.HOP, speech.FFT_LENGTH, window_fn=window)
    return np.log(np.abs(spectra.numpy()) ** 2 @ speech.mel_bank() + 1e-6)


def test_log_mel_as_tensorflow_computes_it():
    """Frame by frame and band by band; another rate is brought to 16,000 first."""
    waveform = voice()
    frames = speech.log_mel(waveform)
    assert frames.dtype == np.float32 and frames.shape == (1 + (9_600 - 400) // 200, 40)
    assert np.allclose(frames, tensorflows_log_mel(waveform.samples), atol=2e-3)
    other = Waveform(waveform.samples, 22_050)
    assert np.allclose(speech.log_mel(other), tensorflows_log_mel(speech.resample(other).samples), atol=2e-3)
    assert np.allclose(speech.log_mel(Waveform(np.zeros(400), 16_000)), np.log(1e-6))


def test_a_tone_is_in_its_band():
    """The strongest band is the one whose centre is nearest."""
    centres = speech.hertz(np.linspace(speech.mel(60), speech.mel(7_600), 42))[1:-1]
    for band in (3, 10, 20, 39):
        assert (speech.log_mel(sine(centres[band])).argmax(axis=1) == band).all()


def test_features_are_the_same_for_every_loudness():
    """And for a microphone that weakens some bands; their mean over time is 0, their deviation about 1."""
    waveform = voice()
    frames = speech.features(waveform)
    assert frames.dtype == np.float32 and np.allclose(frames.mean(axis=0), 0, atol=1e-5)
    assert np.allclose(frames * 2.6, speech.log_mel(waveform) - speech.log_mel(waveform).mean(axis=0), atol=1e-4)
    louder = Waveform(waveform.samples * 3, waveform.rate)
    assert np.allclose(speech.features(louder), frames, atol=1e-3)
    assert not np.allclose(speech.log_mel(louder), speech.log_mel(waveform), atol=1)


# --- arguments -------------------------------------------------------------------------------------

GOOD, NOISELESS = sine(440), Waveform(np.zeros(1_000, np.float32), 16_000)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: speech.features(GOOD.samples), "log_mel: waveform is a ndarray, .*expected a speech.Waveform"),
        (lambda: speech.features((GOOD.samples, 16_000)), "log_mel: waveform is a tuple, "),
        (lambda: speech.features(None), "log_mel: waveform is a NoneType, None"),
        (
            lambda: speech.loudness(Waveform([0.5, 1.0], 1)),
            r"loudness: the waveform's samples are a list, \[0.5, 1.0\];",
        ),
        (
            lambda: speech.loudness(Waveform(np.ones(9, "int16"), 9)),
            r"loudness: .* of shape \(9,\) and dtype int16; exp",
        ),
        (
            lambda: speech.loudness(Waveform(np.ones((9, 2)), 9)),
            r"loudness: .* are an array of shape \(9, 2\) and dtype",
        ),
        (lambda: speech.loudness(Waveform(GOOD.samples, 1.5)), "loudness: the waveform's rate is 1.5; .* at least 1"),
        (lambda: speech.loudness(Waveform(GOOD.samples, True)), "loudness: the waveform's rate is True"),
        (lambda: speech.loudness(Waveform(np.zeros(0), 16_000)), "loudness: the waveform has no samples"),
        (lambda: speech.features(Waveform(DIRTY, 16_000)), "log_mel: the waveform has samples that are infinite or"),
        (lambda: speech.add_noise(Waveform(ENDLESS, 16_000), 3), "add_noise: the waveform has samples that are inf"),
        (lambda: speech.player("me.wav"), "player: waveform is a str, 'me.wav'"),
        (lambda: speech.resample(GOOD, 0), "resample: rate is 0; it must be an integer, at least 1"),
        (lambda: speech.resample(GOOD, 8e3), "resample: rate is 8000.0"),
        (lambda: speech.resample(GOOD, True), "resample: rate is True"),
        (lambda: speech.add_noise(GOOD, 121), "add_noise: decibels is 121; it must be a number from -60 to 120"),
        (lambda: speech.add_noise(GOOD, np.nan), "add_noise: decibels is nan"),
        (lambda: speech.add_noise(GOOD, "10"), "add_noise: decibels is '10'"),
        (lambda: speech.add_noise(GOOD, 10, -1), "add_noise: seed is -1"),
        (lambda: speech.add_noise(NOISELESS, 10), "add_noise: the waveform is silent"),
        (lambda: speech.cut(GOOD, 0), "cut: window is 0; it must be an integer, at least 1"),
        (lambda: speech.cut(GOOD, 400, 0), "cut: hop is 0"),
        (lambda: speech.cut(Waveform(np.ones(399), 9), 400), "cut: the waveform has 399 samples, and one window needs"),
        (lambda: speech.log_mel(sine(440, seconds=0.02)), "cut: the waveform has 320 samples"),
        (lambda: speech.mel_bank(0), "mel_bank: bands is 0"),
        (lambda: speech.mel_bank([40]), r"mel_bank: bands is \[40\]"),
        (lambda: speech.mel_bank(40, 1), "mel_bank: fft_length is 1; it must be an integer, at least 2"),
        (lambda: speech.mel_bank(40, 512, 100), "mel_bank: rate is 100; it must be an integer, at least 1000"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    """With what was given and what is accepted."""
    with pytest.raises(ValueError, match=f"^{message}"):
        call()


def test_tensorflow_is_not_needed(root):
    """Nor imported by what makes speech and decodes it, before batches are made."""
    code = (
        "import sys\nfrom utils import ctc, speech, spoken_words, synthesis\n"
        "print({'tensorflow', 'keras', 'IPython', 'matplotlib'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
