"""The part of the contract that reads the prose: a number in a sentence stands where it was set or measured.

Rules for utils.contract: each yields (cell or place, complaint).

A number of a sentence or a table needs evidence in its section, from one heading to the next: a stored output, an
assert, or code that has it. From the questionnaire on, where no code is, it repeats what the lesson said before. What
no cell can hold (a definition, a published result, what follows by arithmetic) stands in tests/prose_numbers.csv, with
a reason. Headings, tasks, notes on solutions, inline code and links are not read; years, powers, waiting times and
whole numbers below ten (in words up to ten) are not counted.
"""

from __future__ import annotations

import ast
import csv
import math
import re
from typing import TYPE_CHECKING, NamedTuple

from utils import cells

if TYPE_CHECKING:
    import pathlib

    from utils.contract import Complaints, Course, Lesson

EXCEPTIONS = "tests/prose_numbers.csv"
# What a reason begins with: `computed: 2527 / 60`.
KINDS = {
    "computed": "arithmetic, in Python's math, that gives the number (or is true), from what the lesson shows",
    "definition": "what the lesson or its library sets",
    "example": "an invented number",
    "figure": "what one reads off the figure above",
    "source": "who says or measured it",
}

# --- the numbers of a text -----------------------------------------------------------------------------------------

TASK = re.compile(r"^### Exercise \d.*?(?=^##|\Z)", re.DOTALL | re.MULTILINE)
# What is not read. Formulas are, without their commands.
NO_PROSE = re.compile(
    r"`[^`\n]*`|<!--.*?-->|</?\w[^<>]*>|!?\[[^\]]*\]\([^)\s]*\)|^#+ .*?$|^[ \t]*\d+\. |\\t?frac\d\d|\\[a-zA-Z]+"
    r"|\b(?:lessons?|exercises?|chapter) \d[\d.]*(?: (?:to|and) \d[\d.]*\b)?|\b\d+-bit\b",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
WORDS = {word: value for value, word in enumerate(UNITS)} | TENS
WORDS |= {f"{ten}-{UNITS[one]}": tens + one for ten, tens in TENS.items() for one in range(1, 10)}
PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10, "twentieth": 20, "thirtieth": 30}

_ANY = rf"(\d[\d,]*|{'|'.join(sorted(WORDS, key=len, reverse=True))})"
# "A quarter of a minute" says how long something takes, which no output can; "a quarter turn" is an angle.
_NO_WAIT = r"(?! (?:of )?(?:an? )?(?:seconds?|minutes?|hours?|turn)\b)"
# "17 of 18", "95 in 100", "four reviews in five"; but not "28 words in seven groups".
_SHARE = rf"\b{_ANY}(?: of | in | out of | \w+ in (?=five\b|ten\b|100\b)){_ANY}\b(?!\.\d|-)"
_PART = rf"(?:\b(?:a|one) ({'|'.join(PARTS)})|½|\b(?:nearly|about) (half)|(?<!second )\b(half) (?:of|the)\b)(?!\w)"
_WORD = rf"(?<![\w-])({'|'.join(word for word, value in WORDS.items() if value > 10)})(?![\w-])"
_DIGITS = r"(?<![\w.,^/{_−-])([−-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\w^]|[.,]\d)(\s%| points?\b)?"
NUMBER = re.compile(
    rf"(?P<share>{_SHARE})|(?P<part>{_PART}){_NO_WAIT}|(?P<word>{_WORD}){_NO_WAIT}|(?P<digits>{_DIGITS})", re.IGNORECASE
)


class Number(NamedTuple):
    """A number in a text: where it stands, its value, how far an output may be from it by rounding, and its kind.

    kind: "whole", "decimal", or "share" for percentages and for fractions in words, whose value is 0.83 for 83 %.
    """

    start: int
    end: int
    value: int | float
    slack: float
    kind: str

    def near(self, value: float) -> bool:
        """Tell whether a value, rounded as the text does it, is this number."""
        return abs(value - self.value) <= self.slack * (1 + 1e-6) + 1e-12


def blanked(pattern: re.Pattern, source: str) -> str:
    """Return a text of the same length and the same lines, with blanks wherever a pattern was."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), source)


def numbers(source: str) -> list[Number]:
    """Return the numbers of a Markdown source that need evidence, in order."""
    prose = source
    for pattern in (cells.FENCED, TASK, NO_PROSE):
        prose = blanked(pattern, prose)
    return [number for match in NUMBER.finditer(prose) if (number := _number(match))]


def _whole(text):
    """Return the value of a whole number in digits or in words."""
    return WORDS[text.lower()] if text.lower() in WORDS else int(text.replace(",", ""))


def _number(match):
    """Return the Number that a match of NUMBER is, or None where it needs no evidence."""
    place, groups = match.span(), [group for group in match.groups()[1:] if group is not None]
    if match["share"]:
        some, of = map(_whole, groups[:2])
        # Four in five is 0.75 to 0.85, 95 in 100 is 0.945 to 0.955.
        return Number(*place, some / of, (0.5 if of > 10 else 0.25) / of, "share") if 1 < of >= some else None
    if match["part"]:
        of = PARTS[groups[1].lower()] if len(groups) > 1 else 2  # ½ has no group of its own
        return Number(*place, 1 / of, 0.25 / of, "share")
    if match["word"]:
        return Number(*place, _whole(match.group()), 0, "whole")
    sign, whole, decimals, unit = re.fullmatch(_DIGITS, match.group(), re.IGNORECASE).groups()
    digits, sign, slack = whole.replace(",", ""), -1 if sign else 1, 0.5 * 10.0 ** -len((decimals or ".")[1:])
    if unit:
        return Number(*place, float(digits + (decimals or "")) / 100, slack / 100, "share")
    if decimals:
        return Number(*place, sign * float(digits + decimals), slack, "decimal")
    year = len(whole) == 4 and 1800 <= int(whole) < 2100
    return None if int(digits) < 10 or whole[0] == "0" or year else Number(*place, sign * int(digits), 0, "whole")


# --- the evidence --------------------------------------------------------------------------------------------------

PRINTED = re.compile(r"(?<![\w.,])([−-]?)(\d{1,3}(?:,\d{3})+|\d+)?(\.\d*)?(e[+-]?\d+)?(?!\w)(\s?%)?")
SECTION = re.compile(r"^###? (?!Exercise \d)(.*)$", re.MULTILINE)
FIRST_WITHOUT_CODE = "Questionnaire"


class Section:
    """What stands between two headings: the numbers of its prose, and what they may be compared with.

    claims: (cell, Number) of the prose. printed: (value, whether a percentage) of the outputs. asserted: the numbers
    in asserts; between: the pairs of them that one value lies between. written: those in all of the code, with the
    lesson's constants that it names. Values are int or float, as written: 1 is no evidence of 1.0.
    """

    def __init__(self, title: str = "") -> None:
        self.title = title
        self.claims, self.printed, self.asserted, self.between, self.written = [], [], [], [], []

    def has(self, number: Number) -> bool:
        """Tell whether there is evidence of a number: outputs may have more digits, code may not.

        1.6 is also what `1.5 < x < 1.7` says, and no more is what `1 < x < 3` says.
        """
        if number.kind == "whole":
            return number.value in {*(value for value, _ in self.printed), *self.asserted, *self.written}
        printed = [value for value, _ in self.printed if isinstance(value, float)]
        code, between = [value for value in self.written if isinstance(value, float)], self.between
        if number.kind == "share":  # 83 % stands in an output as 0.83, 83% or 83.1, in code as 0.83 or 83
            printed += [value / 100 for value, percentage in self.printed if percentage or isinstance(value, float)]
            code += [value / 100 for value in self.written if value >= 10]
            between = [*between, *((low / 100, high / 100) for low, high in between)]
        elif number.slack < 0.01:  # 0.46 is what `np.allclose(x, 0.464)` says
            printed += [value for value in self.asserted if isinstance(value, float)]
        return (
            any(map(number.near, printed))
            or any(math.isclose(value, number.value) for value in code)
            or any(low <= number.value <= high and high - low <= 4.001 * number.slack for low, high in between)
        )


def sections(lesson: Lesson) -> list[Section]:
    """Return the sections of a lesson, in order; the first is what stands before any heading."""
    found, constants = [Section()], _constants(lesson)
    for index, cell in lesson.shown():
        if cell.cell_type == "markdown":
            starts = [(0, found[-1])]
            for heading in SECTION.finditer(blanked(cells.FENCED, cell.source)):
                starts.append((heading.start(), Section(heading.group(1).strip())))
            found += [section for _, section in starts[1:]]
            for number in numbers(cell.source) if index else []:  # the first cell is the title
                section = [section for start, section in starts if start <= number.start][-1]
                section.claims.append((index, number))
        elif cell.cell_type == "code" and not (
            cells.is_setup(cell) or cells.check_of(cell) or cells.answer_number(cell)
        ):
            _read_code(cell, found[-1], constants)
    return found


def _read_code(cell, section, constants):
    """Add to a section the numbers of a code cell and of its outputs."""
    for output in cell.get("outputs", []):
        section.printed += printed_numbers(output.get("text") or output.get("data", {}).get("text/plain") or "")
    tree = _tree(cell)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            section.asserted += _values(node, constants)
            section.between += _between(node)
    section.written += _values(tree, constants)


def _tree(cell):
    """Return the syntax tree of a cell; an empty one where it has none, which another rule refuses."""
    return cells.parsed(cell.source) or ast.Module([], [])


def _values(tree, constants):
    """Return the numbers in a piece of code, in its short texts (labels) and in the constants that it names: a set."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found |= constants.get(node.id, set())
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and _is_number(node.operand):
            found.add(-node.operand.value)
        elif _is_number(node):
            found.add(node.value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 30:
            found |= {value for value, _ in printed_numbers(node.value)}
    return found


def _is_number(node):
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _between(tree):
    """Return (low, high) for each `low < value < high` in a piece of code."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 2 and isinstance(node.ops[0], ast.Lt | ast.LtE):
            low, high = node.left, node.comparators[1]
            if _is_number(low) and _is_number(high):
                found.append((low.value, high.value))
    return found


def _constants(lesson):
    """Return name -> set of the numbers behind it: of `LAGS = (1, 5)`, of a lambda, of the defaults of a function."""
    found = {}
    plain = (ast.Constant, ast.Tuple, ast.List, ast.UnaryOp, ast.USub, ast.Load)
    for _, cell in lesson.code():
        for node in _tree(cell).body:
            if isinstance(node, ast.FunctionDef):
                defaults = [value for value in [*node.args.defaults, *node.args.kw_defaults] if value]
                found[node.name] = set().union(*(_values(value, {}) for value in defaults))
            elif isinstance(node, ast.Assign):
                for name, value in _assigned(node):
                    if isinstance(value, ast.Lambda) or all(isinstance(part, plain) for part in ast.walk(value)):
                        found[name] = _values(value, {})
    return found


def _assigned(node):
    """Yield (name, expression) of an assignment, `H, V = 16, 2` too."""
    for target in node.targets:
        if isinstance(target, ast.Name):
            yield target.id, node.value
        elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            for one, value in zip(target.elts, node.value.elts, strict=False):
                if isinstance(one, ast.Name):
                    yield one.id, value


def printed_numbers(text: str) -> list[tuple[int | float, bool]]:
    """Return (value, whether it is a percentage) for each number in an output."""
    found = []
    for sign, whole, decimals, power, unit in PRINTED.findall(text):
        if whole or decimals.strip("."):
            written = f"{whole.replace(',', '')}{decimals}{power}"
            value = float(written) if decimals or power else int(written)
            found.append((-value if sign else value, bool(unit)))
    return found


def without_evidence(lesson: Lesson) -> list[tuple[int, Number, str]]:
    """Return (cell, number, title of its section) for each number of a lesson's prose that has no evidence."""
    found, said, closing = [], set(), False
    for section in sections(lesson):
        closing = closing or section.title == FIRST_WITHOUT_CODE
        for index, number in section.claims:
            if not (number[2:] in said if closing else section.has(number)):
                found.append((index, number, section.title))
            if not closing:
                said.add(number[2:])
    return found


# --- the rules -----------------------------------------------------------------------------------------------------


class Exceptional(NamedTuple):
    """A row of tests/prose_numbers.csv: its line; the lesson; the number, with words around it; the reason."""

    line: int
    lesson: str
    words: str
    why: str

    def places(self, source: str) -> list[tuple[int, int]]:
        """Return (start, end) wherever a text has the words, however its lines are broken."""
        pattern = r"\s+".join(map(re.escape, self.words.split()))
        return [found.span() for found in re.finditer(pattern, source)] if pattern else []

    def excused(self, source: str) -> list[Number]:
        """Return the numbers of a Markdown source that stand in the words."""
        spans = self.places(source)
        return [one for one in numbers(source) if any(low <= one.start and one.end <= high for low, high in spans)]


def exceptions(root: pathlib.Path) -> list[Exceptional]:
    """Return the rows of tests/prose_numbers.csv; none where there is no such file."""
    path = root / EXCEPTIONS
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return [
            Exceptional(line, *(row.get(name) or "" for name in ("lesson", "number", "why")))
            for line, row in enumerate(csv.DictReader(file), start=2)
        ]


def numbers_in_prose(lesson: Lesson) -> Complaints:
    """A number in prose stands in an output, an assert or code of its section: else nobody notices a wrong one."""
    rows = [row for row in exceptions(lesson.path.parent.parent) if row.lesson == lesson.path.name[:2]]
    for index, number, title in without_evidence(lesson):
        source = lesson.cells[index].source
        if not any(number in row.excused(source) for row in rows):
            what = source[number.start : number.end].strip()
            around = " ".join(source[max(0, number.start - 40) : number.end + 30].split())
            yield (
                index,
                f"{what!r} in '... {around} ...' stands in no output, assert or code below '{title}': "
                f"say what they say, or add a row with the reason to {EXCEPTIONS}.",
            )


def prose_exceptions(course: Course) -> Complaints:
    """Each exception to numbers_in_prose has a reason, stands in its lesson and is needed: so the list stays short."""
    lessons, seen = {lesson.path.name[:2]: lesson for lesson in course.lessons}, set()
    lacking = {name: {(index, number) for index, number, _ in without_evidence(lessons[name])} for name in lessons}
    for row in exceptions(course.root):
        place, (kind, _, reason) = f"{EXCEPTIONS}, line {row.line}", row.why.partition(": ")
        cells_of = lessons[row.lesson].shown() if row.lesson in lessons else []
        texts = {index: cell.source for index, cell in cells_of if cell.cell_type == "markdown"}
        excused = [(index, number) for index, text in texts.items() for number in row.excused(text)]
        if row.lesson not in lessons:
            yield place, f"there is no lesson {row.lesson!r}."
        elif (row.lesson, row.words) in seen:
            yield place, f"{row.words!r} is there twice."
        elif kind not in KINDS or not reason.strip():
            yield place, f"{row.words!r} has no reason: one of {', '.join(KINDS)}; then a colon, and which."
        elif not any(row.places(text) for text in texts.values()):
            yield place, f"lesson {row.lesson} does not say {row.words!r} any more: take the row out."
        elif not lacking[row.lesson] & set(excused):
            yield place, f"{row.words!r} has evidence, or no number that needs it: take the row out."
        elif kind == "computed" and not _agrees(reason, [number for _, number in excused]):
            yield place, f"{row.words!r} is not what {reason} gives."
        seen.add((row.lesson, row.words))


def _agrees(expression, found):
    """Tell whether an expression of Python's math is true, or gives the numbers that a text has, rounded as there."""
    names = {name: value for name, value in vars(math).items() if not name.startswith("_")}
    try:
        value = eval(expression, {"__builtins__": {}}, names)
    except Exception:  # whatever is wrong with it, it does not give the number
        return False
    values = value if isinstance(value, tuple) else (value,)
    if value is True or len(values) != len(found):
        return value is True
    return all(number._replace(slack=number.slack or 0.5).near(one) for number, one in zip(found, values, strict=True))
