"""The program that speaks: loads the library of eSpeak NG, reads texts aloud into arrays of samples, and ends.

    python -m utils.espeak LIBRARY DATA < requests > sound

utils.synthesis starts it. It is a program of its own, with the standard library alone, because the library is one in
C under the GPL-3: what goes wrong in it, and its licence, stay in this process.
A request is a line of JSON, [text, voice, speed, pitch]; the answer to it is a line with the number of bytes (or "!"
and what is wrong) and then the samples, 16-bit integers. The first line that comes out is the sample rate in hertz.
"""

from __future__ import annotations

import ctypes
import json
import sys

# From eSpeak NG's speak_lib.h. SYNCHRONOUS matters: RETRIEVAL, which also fills memory, waits in a thread of its own
# for the time to pass and takes 15 ms an utterance instead of 2.
SYNCHRONOUS, DONT_EXIT, FROM_CHARACTER_0, UTF_8, RATE, PITCH = 2, 0x8000, 1, 1, 1, 3
Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def main(library_path: str, data_path: str) -> None:
    """Answer the requests on standard input, one after the other."""
    library = ctypes.CDLL(library_path)
    library.espeak_Synth.argtypes = [
        *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint),
        *(ctypes.c_void_p, ctypes.c_void_p),
    ]
    answers = sys.stdout.buffer
    sound = []

    @Callback
    def keep(samples, count, events):
        if samples and count > 0:
            sound.append(ctypes.string_at(samples, 2 * count))
        return 0

    hertz = library.espeak_Initialize(SYNCHRONOUS, 0, data_path.encode(), DONT_EXIT)
    if hertz < 1:
        sys.exit(f"its data in {data_path} cannot be read")
    answers.write(f"{hertz}\n".encode())
    library.espeak_SetSynthCallback(keep)
    for line in sys.stdin:
        text, voice, speed, pitch = json.loads(line)
        sound.clear()
        if library.espeak_SetVoiceByName(voice.encode()):
            answers.write(f"! eSpeak NG has no voice {voice!r}\n".encode())
            continue
        library.espeak_ng_SetRandSeed(1)
        library.espeak_SetParameter(RATE, speed, 0)
        library.espeak_SetParameter(PITCH, pitch, 0)
        content = text.encode()
        library.espeak_Synth(content, len(content) + 1, 0, FROM_CHARACTER_0, 0, UTF_8, None, None)
        library.espeak_Synchronize()
        body = b"".join(sound)
        answers.write(f"{len(body)}\n".encode() + body)


if __name__ == "__main__":
    main(*sys.argv[1:])
