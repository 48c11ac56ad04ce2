"""Which cell answers an exercise, and what it leans on: names that other cells of the same notebook define.

An exercise needs the Setup cell only, but a learner's answer may use a helper or an import from another
cell, or the answer to an earlier exercise. In their notebook that works, so it works here: what is in force when
the exercise's check runs is looked up in the cells, in their order. Runs in the student's process only.
"""

import builtins
import re

from utils.grading.pieces import Cell

MOST_PIECES = 2000  # that one answer may lean on


class Shell:
    """Stands for IPython in an answer: its magics and commands do nothing."""

    def __getattr__(self, name):
        return lambda *arguments, **keywords: None


class Notebook:
    """A student's code cells, as an exercise sees them.

    cells: list of (kind, source); see handed_in.KINDS. number: of the exercise. names: what its answer defines.
    """

    def __init__(self, cells, number, names):
        self.cells = [Cell(kind, source) for kind, source in cells]
        self.names = set(names)
        check = f'checks.exercise("{number}"'
        self.checks = [place for place, cell in enumerate(self.cells) if check in cell.source]

    def answer(self):
        """Return the place of the cell that answers the exercise, or None.

        Of the cells marked as its answer, the last that defines one of its names; else a cell without the mark that
        does so, if it can, before the check; else the last that is marked, which says itself what is wrong.
        """
        marked = [place for place, cell in enumerate(self.cells) if cell.kind == "answer"]
        others = [place for place, cell in enumerate(self.cells) if cell.kind == "own"]
        before = [place for place in others if self.checks and place <= self.checks[-1]]
        for places in (marked, before, others):
            found = [place for place in places if self.cells[place].binds(self.names)]
            if found:
                return found[-1]
        return marked[-1] if marked else None

    def around(self, chosen, given):
        """Return what the chosen cell leans on: (pieces to run before it, pieces to run after it), in order.

        given: names that are there already.
        """
        search = _Search(self.cells, chosen, self._end(chosen), self.names, set(given))
        return search.before(), search.after()

    def _end(self, chosen):
        """Return the place up to which cells have run when the check of this answer runs."""
        return next((place for place in self.checks if place > chosen), chosen + 1)


class _Search:
    """Finds pieces by the names that they define; a place is (number of the cell, number of the statement)."""

    def __init__(self, cells, chosen, end, names, given):
        self.cells, self.chosen, self.end = cells, chosen, (end, 0)
        self.names, self.given = names, given
        self.found, self.early = {}, {}  # place -> Piece: in their order; and from below, to run before all others
        self.seen, self.pending = set(), []
        for place, cell in enumerate(cells[:end]):
            if place != chosen and ("import *" in cell.source or "__future__" in cell.source):
                for index, piece in enumerate(cell.pieces):
                    if piece.always:
                        self.take((place, index), piece)
        for index, piece in enumerate(cells[chosen].pieces):
            self.want(piece, (chosen, index))
        self.pending += [(name, self.end) for name in names]
        while self.pending and len(self.found) + len(self.early) < MOST_PIECES:
            self.look(*self.pending.pop())

    def before(self):
        """Return the pieces that run before the answer."""
        places = sorted(place for place in self.found if place[0] < self.chosen)
        return [*(self.early[place] for place in sorted(self.early)), *(self.found[place] for place in places)]

    def after(self):
        """Return the pieces that run after the answer and before its check."""
        return [self.found[place] for place in sorted(self.found) if place[0] > self.chosen]

    def want(self, piece, place):
        """Note what a piece needs: as it is where the piece runs, and as it is when the check runs."""
        for name in piece.needs:
            self.pending += [(name, place), (name, self.end)]

    def take(self, place, piece, early=False):
        """Add a piece, unless it is there; early: it runs before all others, wherever it stands."""
        target = self.early if early or place >= self.end else self.found
        if place not in target and place[0] != self.chosen:
            target[place] = piece
            self.want(piece, place)

    def look(self, name, end):
        """Find what gives a name its value at a place: its last definition before that, and what changes it since."""
        if (name, end) in self.seen:
            return
        self.seen.add((name, end))
        changed, definition = [], None
        for place, piece in self.pieces_of(name, reversed(range(end[0] + (end[1] > 0))), end):
            if name in piece.binds:
                definition = piece
                self.take(place, piece)
                if piece.whole:
                    break
            elif name in piece.changes | piece.handed:
                changed.append((place, piece))
        if definition is None:
            if (end == self.end or end[0] == self.chosen) and not self.is_there(name):
                self.look_below(name, end)
        elif not definition.imports:
            for place, piece in changed:
                if name in piece.changes or not definition.is_definition():
                    self.take(place, piece)

    def look_below(self, name, end):
        """Take the first definition after a place: the learner ran that cell first."""
        for place, piece in self.pieces_of(name, range(end[0], len(self.cells)), None):
            if place >= end and name in piece.binds:
                self.take(place, piece, early=True)
                return

    def pieces_of(self, name, places, end):
        """Yield (place, piece) of the cells at these places that may define a name; backwards, before `end`."""
        word = self.pattern(name)
        for number in places:
            cell = self.cells[number]
            if cell.kind == "course" and (name in self.names or "checks.exercise(" in cell.source):
                continue  # the lesson's own text answers nothing
            if not word.search(cell.source):
                continue
            pieces = list(enumerate(cell.pieces))
            for index, piece in pieces if end is None else reversed(pieces):
                if end is not None and (number, index) >= end:
                    continue
                if cell.kind == "setup" and piece.binds <= self.given:
                    continue  # what finds the course
                yield (number, index), piece

    def is_there(self, name):
        """Tell whether a name has a value without the notebook's cells."""
        return name in self.given or hasattr(builtins, name)

    def pattern(self, name):
        """Return an expression that finds the cells worth reading: of a name that is there, those that define it."""
        word = re.escape(name)
        if not self.is_there(name):
            return re.compile(rf"\b{word}\b")
        defined = rf"(?:(?:async )?def|class)[ \t]+{word}\b|{word}\b[^=\n]*=(?!=)|[^\n]*\bimport\b[^\n]*\b{word}\b"
        return re.compile(rf"^[ \t]*(?:{defined})", re.MULTILINE)
