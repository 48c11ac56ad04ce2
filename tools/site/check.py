"""Open each page of a built site in headless Chromium and say what is wrong; called by tools.site --check.

A page must open without an error, ask no other host for anything, stay below 3 MB, show something within a second,
fit a screen of 360 pixels, and have no serious fault of accessibility (axe-core), in light and in dark. All links
inside the site lead somewhere, and its search finds a term.
"""

import contextlib
import functools
import gzip
import html.parser
import http.server
import importlib.resources
import json
import math
import os
import pathlib
import sys
import tempfile
import threading
import urllib.parse

import numpy as np
from selenium.webdriver.common.keys import Keys

from tools.browser.page import chromium, wait
from tools.site.build import character_model

HEAVIEST, SLOWEST, NARROW = 3e6, 1000, 360  # bytes, milliseconds, pixels
# Pictures are kept of these:
SHOWN = ("index.html", "lessons/03_lstm_gates.html", "glossary.html", "utils/decoding.html")
TERM, ITS_PAGE = "forget gate", "03_lstm_gates"


class Links(html.parser.HTMLParser):
    """The addresses of a page: what it links to, and its anchors."""

    def __init__(self, page):
        super().__init__()
        self.targets, self.anchors = [], {""}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        """Note what a tag has."""
        found = dict(attributes)
        self.anchors |= {found[name] for name in ("id", "name") if found.get(name)}
        self.targets += [found[name] for name in ("href", "src") if found.get(name)]


def pages_of(folder):
    """Return the paths of a site's pages, sorted; _static holds the theme's own files."""
    return sorted(path for path in folder.rglob("*.html") if "_static" not in path.relative_to(folder).parts)


def broken_links(folder):
    """Return what leads nowhere inside a site, as sentences."""
    pages = {path: Links(path.read_text(encoding="utf-8")) for path in pages_of(folder)}
    complaints = []
    for path, page in pages.items():
        for target in page.targets:
            address = urllib.parse.urlsplit(target)
            if address.scheme or address.netloc:
                continue
            there = (path.parent / urllib.parse.unquote(address.path)).resolve() if address.path else path
            anchor = urllib.parse.unquote(address.fragment)
            if not there.exists() or (there in pages and anchor not in pages[there].anchors):
                complaints.append(f"{path.relative_to(folder)}: {target} leads nowhere.")
    return complaints


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server that does not print each request."""

    def log_message(self, *_):
        """Say nothing."""


@contextlib.contextmanager
def served(folder):
    """Serve a folder on this machine; give its address."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def resize(driver, width, height=900):
    """Give the page another width; headless Chromium's own window is never as narrow as a telephone."""
    settings = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", settings)


def asked_for(driver):
    """Return the addresses that the browser has asked for since the last call, from its log."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    return {one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"}


@functools.cache
def weight(path):
    """Return how many bytes of a file travel: servers compress all but pictures and fonts."""
    content = path.read_bytes() if path.is_file() else b""
    return len(content if path.suffix in (".png", ".woff", ".woff2") else gzip.compress(content))


def settle(driver):
    """Wait until the page, its formulas included, is complete."""
    ready = "return document.readyState == 'complete' && (!window.MathJax || !!MathJax.startup?.document?.math)"
    wait("the page to be complete", lambda: driver.execute_script(ready), 30)


def first_paint(driver):
    """Return after how many milliseconds the page that is open showed something; infinity if it never did."""
    paint = driver.execute_script("return performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
    return math.inf if paint is None else paint


def page_faults(driver, address, folder, name):
    """Open a page; return what is wrong with it, as sentences."""
    driver.get_log("browser"), driver.get_log("performance")
    driver.execute_cdp_cmd("Network.clearBrowserCache", {})
    driver.get(address + name)
    settle(driver)
    complaints = [f"it logs {entry['message']}" for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
    asked = asked_for(driver)
    strangers = {url for url in asked if not url.startswith((address, "data:", "blob:", "chrome:"))}
    complaints += [f"it asks for {url}" for url in sorted(strangers)]
    ours = {urllib.parse.unquote(urllib.parse.urlsplit(url).path)[1:] for url in asked if url.startswith(address)}
    received = sum(weight(folder / path) for path in ours)
    if received > HEAVIEST:
        complaints.append(f"it weighs {received / 1e6:.1f} MB.")
    if (painted := first_paint(driver)) > SLOWEST:  # beside other work, perhaps: once more
        driver.refresh()
        settle(driver)
        painted = min(painted, first_paint(driver))
    if painted > SLOWEST:
        complaints.append(f"its first paint comes after {painted:.0f} ms.")
    # What changes at once is seen at once.
    still = "{textContent: '* { transition: none !important }'}"
    driver.execute_script(f"document.head.append(Object.assign(document.createElement('style'), {still}))")
    resize(driver, NARROW)
    wide = driver.execute_script("return document.documentElement.scrollWidth")
    room = driver.execute_script("return document.querySelector('.bd-article-container').getBoundingClientRect().width")
    if wide > NARROW or room < 0.85 * NARROW:
        complaints.append(f"on a screen of {NARROW} pixels it is {wide} wide, its text {room:.0f}.")
    resize(driver, 1280)
    return complaints


def accessibility_faults(driver, script):
    """Return what axe-core finds serious in the page that is open, as sentences."""
    driver.execute_script(script)
    run = "const done = arguments[0]; axe.run().then(done, error => done({violations: [], error: String(error)}))"
    found = driver.execute_async_script(run)
    complaints = [f"axe-core fails: {found['error']}"] if found.get("error") else []
    for fault in found["violations"]:
        if fault["impact"] in ("serious", "critical"):
            where = fault["nodes"][0]
            complaints.append(f"{fault['id']}, {len(fault['nodes'])} times, first: {where['html'][:160]}")
    return complaints


def turn(driver, theme):
    """Show the page in light or dark."""
    set_it = "document.documentElement.dataset.theme = document.documentElement.dataset.mode = arguments[0]"
    driver.execute_script(f"{set_it}; localStorage.setItem('mode', arguments[0]);", theme)
    colour = driver.execute_script("return getComputedStyle(document.body).color")  # of letters
    brightness = sum(float(part) for part in colour.strip("rgba()").split(",")[:3]) / 3
    assert (brightness > 128) == (theme == "dark"), f"letters are {colour} in {theme} mode"


def keep_pictures(driver, address, folder):
    """Keep pictures of some pages, wide and narrow, light and dark."""
    for name in SHOWN:
        driver.get(address + name)
        settle(driver)
        for theme in ("light", "dark"):
            turn(driver, theme)
            for width in (1280, NARROW):
                resize(driver, width, 1200)
                driver.save_screenshot(str(folder / f"{pathlib.Path(name).stem}-{theme}-{width}.png"))
        turn(driver, "light")
    resize(driver, 1280)


def reader_faults(driver, address):
    """Return what is wrong with the LSTM on the landing page: its numbers are NumPy's, and its controls work."""
    driver.get(f"{address}index.html")
    settle(driver)
    driver.find_element("css selector", ".reader button[type=submit]").click()
    wait("the weights", lambda: driver.execute_script("return !!window.reader"), 30)
    sentence = "To be, or not to be: that is the question.\nÅ"
    script = "return window.reader.read(arguments[0]).map(step => [...step.c, ...step.logits].map(Number))"
    theirs = np.array(driver.execute_script(script, sentence))
    difference = np.abs(theirs - numpy_reads(sentence)).max()
    complaints = [] if difference < 1e-5 else [f"index.html: its LSTM is {difference:.1e} away from NumPy's."]
    cells = "return document.querySelector('.reader canvas').toDataURL()"
    bars = "return document.querySelector('.reader ol').innerText"
    before = [driver.execute_script(look) for look in (cells, bars)]
    driver.find_element("css selector", "[data-part=place]").send_keys(Keys.ARROW_LEFT)
    for what, look, old in zip(("cells", "bars"), (cells, bars), before, strict=True):
        if driver.execute_script(look) == old:
            complaints.append(f"index.html: the arrow key changes no {what}.")
    driver.execute_script("document.querySelector('[data-part=text]').value = ''")  # edited, and not read again
    driver.find_element("css selector", "[data-part=place]").send_keys(Keys.ARROW_LEFT)
    status = driver.find_element("css selector", "[data-part=status]").text
    if status != "Read up to character 17, space.":
        complaints.append(f"index.html: an edited text changes what was read: {status}")
    driver.find_element("css selector", "[data-part=write]").click()
    text = "return document.querySelector('[data-part=text]').value.length"
    wait("sixty characters", lambda: driver.execute_script(text) == 60, 60)
    return complaints


def numpy_reads(sentence):
    """Return cell states and logits of the shipped model after each character, (T, H + V), in NumPy."""
    tokens, weights = character_model()
    embedding, W, U, b, W_out, b_out = (weight.astype(np.float64) for weight in weights)

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    h, c, rows = np.zeros(len(U)), np.zeros(len(U)), []
    for character in sentence:
        x = embedding[tokens.index(character) if character in tokens else tokens.index("<unk>")]
        i, f, g, o = np.split(x @ W + h @ U + b, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        rows.append(np.concatenate([c, h @ W_out + b_out]))
    return np.array(rows)


def search_faults(driver, address):
    """Return a complaint if the search does not find a term."""
    driver.get(f"{address}search.html?q={urllib.parse.quote(TERM)}")
    links = "return [...document.querySelectorAll('#search-results li a')].map(link => link.href)"
    try:
        wait("search results", lambda: any(ITS_PAGE in link for link in driver.execute_script(links)), 20)
    except AssertionError:
        return [f"search.html: it does not find {TERM!r} in {ITS_PAGE}."]
    return []


def main(folder, browser, screenshots=None):
    """Check a site; print what is wrong; return the exit status."""
    folder = pathlib.Path(folder).resolve()
    complaints, outside = [], broken_links(folder)
    names = [str(path.relative_to(folder)) for path in pages_of(folder)]
    script = importlib.resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    logs = {"browser": "ALL", "performance": "ALL"}
    with (
        tempfile.TemporaryDirectory() as scratch,
        served(folder) as address,
        chromium(browser, pathlib.Path(scratch), dict(os.environ), logs) as driver,
    ):
        driver.execute_cdp_cmd("Network.enable", {})
        driver.set_script_timeout(180)  # axe-core looks at each cell of a long table
        for name in names:
            found = page_faults(driver, address, folder, name)
            for theme in ("light", "dark"):
                turn(driver, theme)
                found += [f"in {theme}: {fault}" for fault in accessibility_faults(driver, script)]
            turn(driver, "light")
            complaints += found
            print(f"{name}: {len(found) or 'no'} fault{'s' * (len(found) != 1)}", *found, sep="\n    ", flush=True)
        outside += search_faults(driver, address) + reader_faults(driver, address)
        if screenshots:
            pathlib.Path(screenshots).mkdir(parents=True, exist_ok=True)
            keep_pictures(driver, address, pathlib.Path(screenshots))
    print(*outside, sep="\n")
    print(f"{len(names)} pages, {len(complaints + outside)} faults.")
    return 1 if complaints or outside else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
