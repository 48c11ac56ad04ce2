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
def test_a_figure_is_shown_with_its_sentence(name, shown):
    """One PNG, alt text in its metadata and as its plain text; nothing is returned and no figure stays open."""
    assert DRAW[name](alt="Three lines.") is None
    [(data, options)] = shown
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == "Figure: Three lines."
    assert options["metadata"]["image/png"]["alt"] == "Three lines."
    assert plots.plt.get_fignums() == []


@pytest.mark.parametrize("name", DRAW)
def test_a_figure_without_a_sentence_is_refused(name, shown):
    """Neither `alt` nor `ax`: refused before anything is drawn."""
    with pytest.raises(ValueError, match="give `alt`"):
        DRAW[name]()
    assert shown == [] and plots.plt.get_fignums() == []


@pytest.mark.parametrize("name", DRAW)
def test_a_given_ax_is_drawn_on_and_labelled(name, shown):
    """With `ax` nothing is shown yet; the axis labels are there; `show` shows the whole."""
    figure, axes = plots.subplots()
    assert DRAW[name](ax=axes) is axes
    assert shown == []
    assert axes.get_ylabel() in ("nats", "parameters", "unit", "")
    assert figure.get_facecolor() == (1, 1, 1, 1)
    plots.show(figure, "A figure.")
    assert len(shown) == 1


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


BAD = [
    (lambda: plots.curves({}, x_label="x", y_label="y", alt="a"), "`series` is empty"),
    (lambda: plots.curves({"a": [1, 2]}, x=[1], x_label="x", y_label="y", alt="a"), r"\(2,\) values for \(1,\)"),
    (lambda: plots.bars({}, y_label="y", alt="a"), "`values` is empty"),
    (lambda: plots.heatmap(np.zeros(3), x_label="x", y_label="y", alt="a"), r"shape \(3,\); expected two axes"),
    (lambda: plots.heatmap(np.zeros((2, 3)), columns="ab", x_label="x", y_label="y", alt="a"), "2 names in `columns`"),
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


@pytest.mark.parametrize("inputs, outputs", [([], []), (["a"], ["y", "z"])])
def test_unrolled_graph_needs_one_of_each_a_timestep(inputs, outputs):
    """Lists of different lengths are refused."""
    with pytest.raises(ValueError, match="give one of each a timestep"):
        plots.unrolled_graph(inputs, outputs, alt="a")
