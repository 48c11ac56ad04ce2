"""One function for each kind of figure in the lessons.

Each takes data and an optional `ax`. Without `ax` it draws a figure of its own, shows it and returns None.
With `ax` it draws there and returns the ax; make the panels with `subplots` and show the whole figure with
`show(figure)`. What a figure shows, for those who cannot see it, is said in the Markdown below it.
"""

from __future__ import annotations

import base64
import contextlib
import io
import typing

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

if typing.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

# Okabe and Ito's colours (2008), which colour-blind readers can tell apart; and as many dash patterns
# and markers, so that no figure depends on colour alone.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
DASHES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1))]
MARKERS = "os^Dv*x"

STYLE = {
    "figure.facecolor": "white",
    "figure.figsize": (6.4, 3.6),
    "figure.dpi": 100,
    "axes.facecolor": "white",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": matplotlib.cycler(color=COLOURS),
    "grid.color": "#DDDDDD",
    "legend.frameon": False,
    "font.size": 10,
}


def curves(
    series: Mapping[str, ArrayLike],
    *,
    x: ArrayLike | None = None,
    x_label: str,
    y_label: str,
    title: str = "",
    log: bool = False,
    markers: bool = False,
    ax: Axes | None = None,
) -> Axes | None:
    """Draw lines.

    series: dictionary, name -> sequence of numbers (y values). A name that starts with "train" is
    dashed and one that starts with "validation" solid, the course's habit; where a dash pattern comes
    back, the line gets a marker too.
    x: the x values that all share (default 0, 1, 2, ...). log: a logarithmic y axis.
    """
    if not series:
        raise ValueError("curves: `series` is empty; give at least one name -> values pair.")
    dashes = []
    with drawing(ax) as axes:
        for index, (name, values) in enumerate(series.items()):
            name = str(name)
            values = np.asarray(values, dtype=float)
            positions = np.arange(len(values)) if x is None else np.asarray(x)
            if values.shape != positions.shape:
                raise ValueError(f"curves: {name!r} has {values.shape} values for {positions.shape} x positions.")
            dash = _dash(name, index)
            repeats = dashes.count(dash)
            dashes.append(dash)
            axes.plot(
                positions,
                values,
                label=name,
                linestyle=dash,
                marker=MARKERS[(index if markers else repeats - 1) % len(MARKERS)] if markers or repeats else None,
                markevery=1 if markers else max(1, len(values) // 10),
                color=COLOURS[index % len(COLOURS)],
            )
        axes.set(xlabel=x_label, ylabel=y_label, title=title)
        if log:
            axes.set_yscale("log")
        if len(series) > 1:
            axes.legend()
    return ax


def _dash(name, index):
    """Return the line style: dashed for training, solid for validation, else one for each line."""
    if name.startswith("train"):
        return "--"
    return "-" if name.startswith("validation") else DASHES[index % len(DASHES)]


def bars(
    values: Mapping[str, float],
    *,
    y_label: str,
    x_label: str = "",
    title: str = "",
    number_format: str = "{:g}",
    log: bool = False,
    ax: Axes | None = None,
) -> Axes | None:
    """Draw a bar chart with its numbers above the bars.

    values: dictionary, name -> number.
    """
    if not values:
        raise ValueError("bars: `values` is empty; give at least one name -> number pair.")
    with drawing(ax) as axes:
        drawn = axes.bar([str(name) for name in values], list(values.values()), color=COLOURS[0], width=0.6)
        axes.bar_label(drawn, labels=[number_format.format(value) for value in values.values()], padding=2)
        axes.set(xlabel=x_label, ylabel=y_label, title=title)
        axes.grid(visible=False, axis="x")
        if log:
            axes.set_yscale("log")
        axes.margins(y=0.12)
    return ax


def heatmap(
    values: ArrayLike,
    *,
    x_label: str,
    y_label: str,
    columns: Sequence[object] | None = None,
    rows: Sequence[object] | None = None,
    limits: tuple[float, float] | None = None,
    title: str = "",
    value_label: str = "",
    numbers: bool = False,
    ax: Axes | None = None,
) -> Axes | None:
    """Draw a matrix as colours: timesteps (or tokens) from left to right.

    values: array, shape (rows, columns). columns, rows: names for the ticks (default: indices).
    limits: (lowest, highest) of the colour scale; default: symmetric around 0 where values are negative
    (red-blue), else from 0 to the largest (light to dark). numbers: write each value into its cell, with two
    decimals unless all are whole. NaN and infinite values do not count for the scale; the cell of a NaN stays white and
    empty. Of True and False there are two colours, not a scale (unless `limits` asks for one).
    """
    yes_or_no = np.asarray(values).dtype == bool and limits is None
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"heatmap: `values` has shape {values.shape}; expected two axes, (rows, columns), not empty.")
    for name, labels, count in (("rows", rows, values.shape[0]), ("columns", columns, values.shape[1])):
        if labels is not None and len(labels) != count:
            raise ValueError(f"heatmap: {len(labels)} names in `{name}` for {count} {name} of values.")
    if limits is not None and not (np.shape(limits) == (2,) and np.less(*np.asarray(limits, float))):
        raise ValueError(f"heatmap: `limits` is {limits!r}; expected two numbers, (lowest, highest).")
    signed = (values < 0).any() or (limits is not None and limits[0] < 0)
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) or 1.0
    lowest, highest = limits if limits is not None else (-largest if signed else 0.0, largest)
    with drawing(ax) as axes:
        colours = plt.get_cmap("RdBu_r" if signed else "Blues", 2 if yes_or_no else None)
        # "nearest": a cell keeps its edge, where the default blurs neighbours into each other.
        image = axes.imshow(values, colours, aspect="auto", interpolation="nearest", vmin=lowest, vmax=highest)
        bar = axes.figure.colorbar(image, ax=axes, label=value_label)
        if yes_or_no:
            bar.set_ticks([0.25, 0.75], labels=["0", "1"])  # the scale goes from 0 to 1: the middle of each colour
        axes.set(xlabel=x_label, ylabel=y_label, title=title)
        axes.grid(visible=False)
        _ticks(axes.xaxis, columns, values.shape[1])
        _ticks(axes.yaxis, rows, values.shape[0])
        if numbers:
            _write_numbers(axes, values, lowest, highest, signed)
    return ax


def spectrogram(
    values: ArrayLike,
    *,
    seconds: float,
    hertz: ArrayLike,
    marks: Sequence[tuple[float, str]] = (),
    title: str = "",
    value_label: str = "log energy",
    ax: Axes | None = None,
) -> Axes | None:
    """Draw the energy of sound: time from left to right, frequency upwards, dark where there is much.

    values: array, shape (frames, bands), such as of speech.log_mel. seconds: from one frame to the next.
    hertz: the centre of each band, shape (bands,), rising.
    marks: (seconds, text) pairs, written above the picture; what a recogniser wrote, and when.
    Raises ValueError for other shapes and a time that is not above 0.
    """
    values, hertz = np.asarray(values, dtype=float), np.asarray(hertz, dtype=float)
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"spectrogram: `values` has shape {values.shape}; expected (frames, bands), not empty.")
    if hertz.shape != values.shape[1:]:
        raise ValueError(f"spectrogram: `hertz` has shape {hertz.shape} for {values.shape[1]} bands.")
    if not seconds > 0:
        raise ValueError(f"spectrogram: `seconds` is {seconds!r}; it must be a number above 0.")
    with drawing(ax) as axes:
        edges = (-0.5 * seconds, (len(values) - 0.5) * seconds, -0.5, len(hertz) - 0.5)
        image = axes.imshow(values.T, "Greys", origin="lower", aspect="auto", interpolation="nearest", extent=edges)
        axes.figure.colorbar(image, ax=axes, label=value_label)
        shown = np.linspace(0, len(hertz) - 1, min(6, len(hertz))).astype(int)
        axes.set_yticks(shown, labels=[f"{hertz[band]:,.0f}" for band in shown])
        axes.set(xlabel="time (seconds)", ylabel="frequency (hertz)")
        axes.set_title(title, pad=20 if marks else None)
        axes.grid(visible=False)
        for when, text in marks:
            axes.axvline(when, color=COLOURS[1], linewidth=0.8, alpha=0.6)
            axes.text(when, len(hertz) - 0.3, text, ha="center", va="bottom", color=COLOURS[1])
    return ax


def _ticks(axis, names, count):
    """Put one tick on each row or column if names are given; else let matplotlib choose whole numbers."""
    if names is not None:
        axis.set_ticks(range(count), labels=[str(name) for name in names])
    else:
        axis.get_major_locator().set_params(integer=True)


def _write_numbers(axes, values, lowest, highest, signed):
    """Write each value into its cell, white on dark and black on light."""
    middle = (lowest + highest) / 2
    reach = (highest - lowest) / 2
    finite = values[np.isfinite(values)]
    digits = 0 if np.array_equal(finite, finite.round()) else 2
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            continue
        dark = abs(value - middle) > 0.6 * reach if signed else value > lowest + 1.2 * reach
        axes.text(column, row, f"{value:.{digits}f}", ha="center", va="center", color="white" if dark else "black")


def show(figure: Figure) -> None:
    """Show a figure as a PNG on white, which any theme of the page leaves readable, and close it."""
    buffer = io.BytesIO()
    try:
        figure.savefig(buffer, format="png", bbox_inches="tight", facecolor="white", metadata={"Software": None})
    finally:
        plt.close(figure)
    from IPython.display import display

    data = {"image/png": base64.b64encode(buffer.getvalue()).decode("ascii"), "text/plain": "Figure"}
    display(data, raw=True)


@contextlib.contextmanager
def drawing(ax: Axes | None, **options: typing.Any) -> Iterator[Axes]:
    """Give the axes to draw on: `ax`, or those of a figure of our own, which is shown at the end and closed.

    options: for plt.subplots, where the figure is our own.
    """
    if ax is not None:
        yield ax
        return
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(**options)
        try:
            yield axes
            show(figure)
        finally:
            plt.close(figure)


def subplots(rows: int = 1, columns: int = 1, *, size: tuple[float, float] = (6.4, 3.6)) -> tuple[Figure, typing.Any]:
    """Return (figure, axes) in the course's style, for figures with several panels; then call show."""
    with plt.rc_context(STYLE):
        return plt.subplots(rows, columns, figsize=size, constrained_layout=True)


def unrolled_graph(
    inputs: Sequence[str | None],
    outputs: Sequence[str | None],
    *,
    weights: Sequence[str] = ("W", "U", r"W_\mathrm{out}"),
    title: str = "",
    ax: Axes | None = None,
) -> Axes | None:
    """Draw a recurrent network unrolled in time: one cell for each timestep, from left to right.

    inputs, outputs: lists with one label for each timestep, such as "film" or "$x_1$", or None where
    that timestep has no input (or no output). So [x, x, x] with [None, None, y] is many-to-one.
    weights: names beside the arrows from input to cell, from cell to cell and from cell to output, in
    TeX without dollar signs; empty names draw none.
    Raises ValueError unless both lists have the same length, at least 1.
    """
    if len(inputs) != len(outputs) or not inputs:
        raise ValueError(f"unrolled_graph: {len(inputs)} inputs, {len(outputs)} outputs; give one of each a timestep.")
    with drawing(ax, figsize=(1.1 * len(inputs) + 1.4, 3.0), constrained_layout=True) as axes:
        _node(axes, 0, 0, "$h_0$", "#EEEEEE")
        for step, (given, wanted) in enumerate(zip(inputs, outputs, strict=True), start=1):
            _node(axes, step, 0, f"$h_{{{step}}}$", "#F7D488")
            _arrow(axes, (step - 1, 0), (step, 0), weights[1])
            if given is not None:
                _node(axes, step, -1, given, "#B5DDF6")
                _arrow(axes, (step, -1), (step, 0), weights[0])
            if wanted is not None:
                _node(axes, step, 1, wanted, "#A5DCC8")
                _arrow(axes, (step, 0), (step, 1), weights[2])
        axes.set(xlim=(-0.45, len(inputs) + 0.5), ylim=(-1.35, 1.35), title=title)
        axes.axis("off")
    return ax


def _node(axes, x, y, label, colour):
    """Write a label in a filled box with round corners, centred at (x, y)."""
    box = {"boxstyle": "round,pad=0.45", "facecolor": colour, "edgecolor": "#444444", "linewidth": 0.8}
    axes.text(x, y, label, ha="center", va="center", color="black", bbox=box, zorder=3)


def _arrow(axes, start, end, name):
    """Draw an arrow between two nodes (centres; the boxes hide its ends) with a name beside its middle."""
    sideways = start[1] == end[1]
    trim = {"shrinkA": 15, "shrinkB": 15}
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": "#444444", "linewidth": 1.2, **trim})
    if name:
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        offset = (0, 4) if sideways else (4, 0)
        axes.annotate(
            f"${name}$",
            middle,
            offset,
            textcoords="offset points",
            fontsize=9,
            color=COLOURS[0],
            ha="center" if sideways else "left",
            va="bottom" if sideways else "center",
        )
