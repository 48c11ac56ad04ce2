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
