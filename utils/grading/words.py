"""What others wrote, in a message: cleaned of what a terminal or a table would obey, quoted and cut."""

import re
import unicodedata

# Control and format characters (among them those that turn the direction of a text), halves of pairs, line ends.
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text):
    """Return a text as one line that can be written as UTF-8, without characters that are not seen but obeyed."""
    text = str(text)
    if not text.isascii() or not text.isprintable():
        text = "".join(sign if unicodedata.category(sign) not in UNSEEN else _stand_in(sign) for sign in text)
    return re.sub(r"\s+", " ", text).strip()


def _stand_in(sign):
    """Return what stands for a character that is not seen: a space for one that separates, else a mark."""
    return " " if sign.isspace() else "" if unicodedata.category(sign) == "Cf" else "\N{REPLACEMENT CHARACTER}"


def quote(text, most=200):
    """Return what a student's code says, to stand inside a message: cleaned, cut and in quotes that it cannot close."""
    text = clean(text[: 2 * most]).replace("“", '"').replace("”", '"')
    return f"“{text[:most]}{'…' if len(text) > most else ''}”"
