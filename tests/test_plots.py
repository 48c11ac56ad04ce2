"""utils.plots: bad data is refused at the door; a figure carries its sentence."""

import base64

import matplotlib
import numpy as np
import pytest

from utils import plots

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed():
    """Close what a test left open on purpose."""
    yield
    plots.plt.close("all")


@pytest.fixture
def shown(monkeypatch):
    """Collect what would be displayed."""
    import IPython.display

    outputs = []
    monkeypatch.setattr(IPython.display, "display", lambda data, **options: outputs.append((data, options)))
    return outputs


DRAW = {
    "curves": lambda **options: plots.curves(
        {"train loss": [3, 2, 1], "validation loss": [3, 2.5, 2.4]}, x_label="epoch", y_label="nats", **options
    ),
    "bars": lambda **options: plots.bars({"RNN": 3, "MLP": 5}, y_label="parameters", **options),
    "heatmap": lambda **options: plots.heatmap(
        np.eye(3) - 0.5, x_label="timestep", y_label="unit", numbers=True, **options
    ),
    "unrolled_graph": lambda **options: plots.unrolled_graph(["a", "b"], [None, "$o_2$"], **options),
}


@pytest.mark.parametrize("name", DRAW)
def test_a_figure_is_shown(name, shown):
    """One PNG; nothing is returned and no figure stays open."""
    assert DRAW[name]() is None
    [(data, _)] = shown
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == "Figure"
    assert plots.plt.get_fignums() == []


@pytest.mark.parametrize("name", DRAW)
def test_a_given_ax_is_drawn_on_and_labelled(name, shown):
    """With `ax` nothing is shown yet; the axis labels are there; `show` shows the whole."""
    figure, axes = plots.subplots()
    assert DRAW[name](ax=axes) is axes
    assert shown == []
    assert axes.get_ylabel() in ("nats", "parameters", "unit", "")
    assert figure.get_facecolor() == (1, 1, 1, 1)
    plots.show(figure)
    assert len(shown) == 1


@pytest.mark.parametrize("name", DRAW)
def test_what_is_not_asked_for_is_not_drawn(name):
    """No title, no logarithmic axis, no markers, no label of the colours, no numbers in cells."""
    _, axes = plots.subplots()
    DRAW[name](ax=axes)
    assert (axes.get_title(), axes.get_xscale(), axes.get_yscale()) == ("", "linear", "linear")
    assert [line.get_marker() for line in axes.lines] == ["None"] * len(axes.lines)
    figure, axes = plots.subplots()
    assert tuple(figure.get_size_inches()) == (6.4, 3.6) and figure.axes == [axes]
    plots.heatmap(np.eye(2), x_label="", y_label="", ax=axes)
    assert not axes.texts and figure.axes[1].get_ylabel() == ""


def test_names_of_weights():
    """The usual ones stand beside the arrows, unless others are given."""
    for options, names in (({}, ("W", "U", r"W_\mathrm{out}")), ({"weights": ("A", "B", "")}, ("A", "B"))):
        _, axes = plots.subplots()
        plots.unrolled_graph(["a"], ["b"], title="T", ax=axes, **options)
        shown = [text.get_text() for text in axes.texts if text.get_text() not in ("", "a", "b", "$h_0$", "$h_{1}$")]
        assert sorted(shown) == sorted(f"${name}$" for name in names) and axes.get_title() == "T"


def test_train_is_dashed_and_validation_solid():
    """The course's habit, whatever the order."""
    _, axes = plots.subplots()
    plots.curves({"validation": [1, 2], "train": [1, 2]}, x_label="x", y_label="y", ax=axes)
    assert [line.get_linestyle() for line in axes.lines] == ["-", "--"]


def test_lines_differ_by_more_than_colour():
    """No two of seven lines share a dash pattern."""
    _, axes = plots.subplots()
    plots.curves({f"run {i}": [0, i] for i in range(7)}, x_label="x", y_label="y", ax=axes)
    assert len({str(line._dash_pattern) for line in axes.lines}) == 7


def test_colour_scale():
    """Signed values get a scale symmetric around 0, the others one from 0."""
    for values, limits in ((np.array([[-1.0, 3.0]]), (-3, 3)), (np.array([[1.0, 3.0]]), (0, 3))):
        _, axes = plots.subplots()
        plots.heatmap(values, x_label="x", y_label="y", ax=axes)
        assert axes.images[0].get_clim() == limits


def test_several_train_curves_differ_by_more_than_colour():
    """The first of each kind is plain; where a dash pattern comes back, a marker tells the lines apart."""
    _, axes = plots.subplots()
    names = ["train RNN", "validation RNN", "train LSTM", "validation LSTM", "test", "train GRU"]
    plots.curves({name: range(30) for name in names}, x_label="x", y_label="y", ax=axes)
    assert [line.get_linestyle() for line in axes.lines][:4] == ["--", "-", "--", "-"]
    assert [line.get_marker() for line in axes.lines][:2] == ["None", "None"]
    assert len({(str(line._dash_pattern), line.get_marker()) for line in axes.lines}) == len(names)


def test_curves_draw_what_they_are_given():
    """Values, shared x, scale, labels; a legend as soon as there are two lines."""
    for log, scale in ((False, "linear"), (True, "log")):
        _, axes = plots.subplots()
        plots.curves({"a": [1, 2], 7: [3, 4]}, x=[5, 6], x_label="X", y_label="Y", title="T", log=log, ax=axes)
        assert (axes.get_yscale(), axes.get_xscale()) == (scale, "linear")
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "7"]
        assert [line.get_xydata().tolist() for line in axes.lines] == [[[5, 1], [6, 2]], [[5, 3], [6, 4]]]
        assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("X", "Y", "T")
    _, axes = plots.subplots()
    plots.curves({"a": [1, 2]}, x_label="x", y_label="y", ax=axes)
    assert axes.get_legend() is None
    assert axes.lines[0].get_xdata().tolist() == [0, 1]


def test_bars_carry_their_numbers():
    """Height, name and number of each bar; the scale is linear unless asked."""
    for log, scale in ((False, "linear"), (True, "log")):
        _, axes = plots.subplots()
        plots.bars({"RNN": 3, 64: 5.5}, y_label="y", log=log, ax=axes)
        assert [bar.get_height() for bar in axes.patches] == [3, 5.5]
        assert [text.get_text() for text in axes.texts] == ["3", "5.5"]
        assert [text.get_text() for text in axes.get_xticklabels()] == ["RNN", "64"]
        assert axes.get_yscale() == scale


def test_heatmap_names_and_numbers_stand_where_they_belong():
    """Columns along x, rows along y; each value in its own cell, white on dark and black on light."""
    _, axes = plots.subplots()
    values = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 10.0]])
    plots.heatmap(values, rows=["r", 1], columns="abc", numbers=True, x_label="x", y_label="y", ax=axes)
    assert [text.get_text() for text in axes.get_xticklabels()] == ["a", "b", "c"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["r", "1"]
    written = {text.get_position(): (text.get_text(), text.get_color()) for text in axes.texts}
    assert written == {
        (column, row): (f"{value:.0f}", "white" if value == 10 else "black")
        for (row, column), value in np.ndenumerate(values)
    }
    _, axes = plots.subplots()
    plots.heatmap([[-3.0, 0.1, 3.0]], numbers=True, x_label="x", y_label="y", ax=axes)
    assert [text.get_color() for text in axes.texts] == ["white", "black", "white"]
    assert [text.get_text() for text in axes.texts] == ["-3.00", "0.10", "3.00"]


def test_heatmap_writes_no_nan():
    """The cell of a number that is not there stays empty."""
    _, axes = plots.subplots()
    plots.heatmap([[0.0, np.nan, 2.0]], numbers=True, x_label="x", y_label="y", ax=axes)
    assert [text.get_text() for text in axes.texts] == ["0", "2"]


@pytest.mark.parametrize("values", [[[True, False]], [[False, False]], [[True, True]]])
def test_heatmap_of_true_and_false(values):
    """Two colours, named 0 and 1 in the middle of each: no scale that promises values between."""
    figure, axes = plots.subplots()
    plots.heatmap(np.array(values), x_label="x", y_label="y", ax=axes)
    [image] = axes.images
    assert image.get_clim() == (0, 1) and image.cmap.N == 2
    bar = figure.axes[1]
    assert list(bar.get_yticks()) == [0.25, 0.75]
    assert [text.get_text() for text in bar.get_yticklabels()] == ["0", "1"]
    plots.heatmap(np.array(values, float), x_label="x", y_label="y", ax=axes)
    assert axes.images[-1].cmap.N > 100
    plots.heatmap(np.array(values), limits=(-1, 1), x_label="x", y_label="y", ax=axes)
    assert axes.images[-1].cmap.N > 100 and axes.images[-1].get_clim() == (-1, 1)


@pytest.mark.parametrize("limits", [(-2, 2), [0, 0.5], np.array([0.0, 9.0])])
def test_heatmap_limits_are_kept(limits):
    """A tuple, a list or an array of two."""
    _, axes = plots.subplots()
    plots.heatmap([[1.0, 3.0]], limits=limits, x_label="x", y_label="y", ax=axes)
    assert axes.images[0].get_clim() == tuple(limits)


@pytest.mark.parametrize(
    "values, limits",
    [([[np.nan, 3.0]], (0, 3)), ([[np.nan, -3.0]], (-3, 3)), ([[-np.inf, 2.0]], (-2, 2)), ([[np.nan]], (0, 1))],
)
def test_nan_does_not_spoil_the_colour_scale(values, limits):
    """A masked attention score, say: the scale comes from the finite values."""
    _, axes = plots.subplots()
    plots.heatmap(values, numbers=True, x_label="x", y_label="y", ax=axes)
    assert axes.images[0].get_clim() == limits


@pytest.mark.parametrize("name", DRAW)
@pytest.mark.parametrize("where", ["savefig", "draw"])
def test_a_figure_is_closed_when_it_fails(name, where, monkeypatch):
    """Whatever goes wrong, no figure stays open to appear under the next cell."""

    def fail(*arguments, **options):
        raise OSError("no space left")

    if where == "savefig":
        monkeypatch.setattr(matplotlib.figure.Figure, "savefig", fail)
    else:
        monkeypatch.setattr(matplotlib.axes.Axes, "set", fail)
    with pytest.raises(OSError, match="no space left"):
        DRAW[name]()
    assert plots.plt.get_fignums() == []


def test_show_closes_the_figure_when_it_fails(monkeypatch):
    """The panels of a lesson's own figure as well."""
    figure, _ = plots.subplots()
    monkeypatch.setattr(figure, "savefig", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        plots.show(figure)
    assert plots.plt.get_fignums() == []


BAD = [
    (lambda: plots.curves({}, x_label="x", y_label="y"), "`series` is empty"),
    (lambda: plots.curves({"a": [1, 2]}, x=[1], x_label="x", y_label="y"), r"\(2,\) values for \(1,\)"),
    (lambda: plots.bars({}, y_label="y"), "`values` is empty"),
    (lambda: plots.heatmap(np.zeros(3), x_label="x", y_label="y"), r"shape \(3,\); expected two axes"),
    (lambda: plots.heatmap(np.zeros((0, 3)), x_label="x", y_label="y"), r"shape \(0, 3\); .* not empty"),
    (lambda: plots.heatmap([[1]], limits=(1, 2, 3), x_label="x", y_label="y"), "expected two numbers"),
    (lambda: plots.heatmap([[1]], limits=(2, 1), x_label="x", y_label="y"), r"`limits` is \(2, 1\)"),
    (lambda: plots.heatmap([[1]], limits=(None, 1), x_label="x", y_label="y"), "expected two numbers"),
    (lambda: plots.heatmap(np.zeros((2, 3)), columns="ab", x_label="x", y_label="y"), "2 names in `columns`"),
]


@pytest.mark.parametrize("draw, message", BAD)
def test_bad_data_is_refused(draw, message, shown):
    """One sentence, nothing shown, no figure left open."""
    with pytest.raises(ValueError, match=message):
        draw()
    assert shown == [] and plots.plt.get_fignums() == []


def test_unrolled_graph_has_a_node_for_each_label():
    """Many-to-one and one-to-many differ in which steps have an input or an output."""
    for inputs, outputs, count in ((["a", "b"], [None, "y"], 6), (["a", None], ["y", "z"], 6), (["a"], ["y"], 4)):
        _, axes = plots.subplots()
        plots.unrolled_graph(inputs, outputs, weights=("", "", ""), ax=axes)
        labels = [text.get_text() for text in axes.texts if text.get_text()]
        assert len(labels) == count
        assert {label for label in inputs + outputs if label} <= set(labels)


def test_unrolled_graph_reads_from_bottom_to_top_and_left_to_right():
    """Inputs below their cell, outputs above; every arrow leads from input to cell, on to the next, and up."""
    _, axes = plots.subplots()
    plots.unrolled_graph(["a", "b"], [None, "y"], weights=("W", "U", "V"), ax=axes)
    place = {text.get_text(): text.get_position() for text in axes.texts if text.get_bbox_patch()}
    assert place == {"$h_0$": (0, 0), "$h_{1}$": (1, 0), "$h_{2}$": (2, 0), "a": (1, -1), "b": (2, -1), "y": (2, 1)}
    arrows = {(text.xyann, text.xy) for text in axes.texts if getattr(text, "arrow_patch", None)}
    across = {((0, 0), (1, 0)), ((1, 0), (2, 0))}
    assert arrows == across | {((1, -1), (1, 0)), ((2, -1), (2, 0)), ((2, 0), (2, 1))}
    names = {text.xy: text.get_text() for text in axes.texts if text.get_text() in ("$W$", "$U$", "$V$")}
    assert names == {(0.5, 0): "$U$", (1.5, 0): "$U$", (1, -0.5): "$W$", (2, -0.5): "$W$", (2, 0.5): "$V$"}


@pytest.mark.parametrize("inputs, outputs", [([], []), (["a"], ["y", "z"])])
def test_unrolled_graph_needs_one_of_each_a_timestep(inputs, outputs):
    """Lists of different lengths are refused."""
    with pytest.raises(ValueError, match="give one of each a timestep"):
        plots.unrolled_graph(inputs, outputs)
