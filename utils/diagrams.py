"""Drawn figures of the lessons: boxes and arrows, no data.

Each function takes an optional `ax`, as those in `utils.plots` do: without it, the figure is shown.
"""

from __future__ import annotations

import typing

from utils import plots

if typing.TYPE_CHECKING:
    from matplotlib.axes import Axes

NEW, OLD = plots.COLOURS[1], "#777777"
FILL = {"gate": "#B5DDF6", "candidate": "#F7D488", "operation": "#FFFFFF"}
STEPS = ("gates", "candidate", "cell state", "hidden state")

# The LSTM cell: boxes (step, label, kind, x, y, what stands below) and arrows (step, points, with a head).
# x_t and h_{t-1} meet on a line at the bottom, the cell state runs along the top.
BOXES = [
    (1, r"$\sigma$", "gate", 2.2, 1.7, "$f_t$"),
    (1, r"$\sigma$", "gate", 3.6, 1.7, "$i_t$"),
    (1, r"$\sigma$", "gate", 6.4, 1.7, "$o_t$"),
    (2, r"$\tanh$", "candidate", 5.0, 1.7, "$g_t$"),
    (3, r"$\odot$", "operation", 2.2, 4.2, ""),
    (3, r"$\odot$", "operation", 4.3, 3.1, ""),
    (3, "$+$", "operation", 4.3, 4.2, ""),
    (4, r"$\tanh$", "operation", 7.8, 3.1, ""),
    (4, r"$\odot$", "operation", 7.8, 2.25, ""),
]
ARROWS = [
    (1, [(0.2, 0.7), (6.4, 0.7)], False),
    (1, [(1.2, -0.1), (1.2, 0.7)], False),
    (1, [(2.2, 0.7), (2.2, 1.45)], True),
    (1, [(3.6, 0.7), (3.6, 1.45)], True),
    (1, [(6.4, 0.7), (6.4, 1.45)], True),
    (2, [(5.0, 0.7), (5.0, 1.45)], True),
    (3, [(0.2, 4.2), (1.95, 4.2)], True),
    (3, [(2.2, 1.95), (2.2, 3.95)], True),
    (3, [(2.45, 4.2), (4.05, 4.2)], True),
    (3, [(3.6, 1.95), (3.6, 3.1), (4.05, 3.1)], True),
    (3, [(5.0, 1.95), (5.0, 3.1), (4.55, 3.1)], True),
    (3, [(4.3, 3.35), (4.3, 3.95)], True),
    (3, [(4.55, 4.2), (9.4, 4.2)], True),
    (4, [(7.8, 4.2), (7.8, 3.4)], True),
    (4, [(7.8, 2.8), (7.8, 2.5)], True),
    (4, [(6.4, 1.95), (6.4, 2.25), (7.55, 2.25)], True),
    (4, [(7.8, 2.0), (7.8, 0.7), (9.4, 0.7)], True),
]
ENDS = [
    (1, "$h_{t-1}$", 0.1, 0.7, "right"),
    (1, "$x_t$", 1.2, -0.3, "center"),
    (3, "$c_{t-1}$", 0.1, 4.2, "right"),
    (3, "$c_t$", 9.5, 4.2, "left"),
    (4, "$h_t$", 9.5, 0.7, "left"),
]


def lstm_cell(step: int, *, ax: Axes | None = None) -> Axes | None:
    """Draw the LSTM cell (Hochreiter and Schmidhuber 1997; Gers et al. 2000) as far as it is built.

    step: 1 draws the gates, 2 adds the candidate, 3 the cell state, 4 the hidden state. What the last
    step adds is drawn in orange with thick lines.
    Raises ValueError for any other step.
    """
    if step not in range(1, len(STEPS) + 1):
        raise ValueError(f"lstm_cell: step is {step!r}; it can be 1 ({STEPS[0]}) to {len(STEPS)} ({STEPS[-1]}).")
    with plots.drawing(ax, figsize=(6.4, 3.4), constrained_layout=True) as axes:
        axes.fill([0.6, 8.7, 8.7, 0.6], [0.25, 0.25, 4.7, 4.7], facecolor="#F6F6F6", edgecolor="#BBBBBB")
        for added, points, head in ARROWS:
            if added <= step:
                _path(axes, points, head, new=added == step)
        for added, label, kind, x, y, below in BOXES:
            if added <= step:
                _box(axes, label, kind, x, y, below, new=added == step)
        for added, label, x, y, side in ENDS:
            if added <= step:
                axes.text(x, y, label, ha=side, va="center", fontsize=12, color=NEW if added == step else "black")
        axes.set(xlim=(-0.7, 10.2), ylim=(-0.6, 4.85), title=f"Step {step}: {STEPS[step - 1]}")
        axes.axis("off")
    return ax


def _path(axes, points, head, *, new):
    """Draw a line through points, with an arrow head at its end if asked for."""
    look = {"color": NEW if new else OLD, "linewidth": 2.2 if new else 1.2}
    axes.plot(*zip(*points, strict=True), solid_capstyle="round", zorder=1, **look)
    if head:
        arrow = {"arrowstyle": "-|>", "mutation_scale": 13, "shrinkA": 0, "shrinkB": 0, **look}
        (x0, y0), (x1, y1) = points[-2:]
        length = abs(x1 - x0) + abs(y1 - y0)
        start = (x1 - 0.3 * (x1 - x0) / length, y1 - 0.3 * (y1 - y0) / length)
        axes.annotate("", (x1, y1), start, arrowprops=arrow, zorder=2)


def _box(axes, label, kind, x, y, name, *, new):
    """Write a label in a filled box (a circle for an operation of two), its result's name beside it."""
    shape = "circle,pad=0.12" if label in (r"$\odot$", "$+$") else "round,pad=0.3"
    box = {
        "boxstyle": shape,
        "facecolor": FILL[kind],
        "edgecolor": NEW if new else "#444444",
        "linewidth": 2.2 if new else 0.8,
    }
    axes.text(x, y, label, ha="center", va="center", fontsize=11, color="black", bbox=box, zorder=3)
    if name:
        axes.text(x - 0.12, y + 0.52, name, ha="right", fontsize=11, color=NEW if new else "black", zorder=3)
