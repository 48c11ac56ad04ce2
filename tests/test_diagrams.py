"""utils.diagrams: each step adds to the last, and bad input is refused."""

import matplotlib
import pytest

from utils import diagrams, plots

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed():
    """Close what a test left open."""
    yield
    plots.plt.close("all")


def labels(step):
    """Return the texts in the drawing of one step."""
    _, axes = plots.subplots()
    assert diagrams.lstm_cell(step, ax=axes) is axes
    return [text.get_text() for text in axes.texts if text.get_text()]


def test_each_step_adds_what_it_is_about():
    """Gates first, then the candidate, the cell state, the hidden state; nothing is lost on the way."""
    drawn = [labels(step) for step in (1, 2, 3, 4)]
    assert {"$f_t$", "$i_t$", "$o_t$"} <= set(drawn[0]) and "$g_t$" not in drawn[0]
    assert "$g_t$" in drawn[1] and "$c_t$" not in drawn[1]
    assert "$c_t$" in drawn[2] and "$h_t$" not in drawn[2]
    assert "$h_t$" in drawn[3]
    for fewer, more in zip(drawn, drawn[1:], strict=False):
        assert len(fewer) < len(more) and set(fewer) <= set(more)


@pytest.mark.parametrize("step", [0, 5, "1", None])
def test_unknown_step_is_refused(step):
    """The message says which steps there are."""
    with pytest.raises(ValueError, match="step"):
        diagrams.lstm_cell(step)
