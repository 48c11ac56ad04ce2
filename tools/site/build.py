"""Write the pages of the site and let Sphinx build it; called by tools.site in its environment."""

import csv
import importlib.metadata
import json
import pathlib
import shutil
import subprocess
import sys
import time

import nbformat
import numpy as np

from tools.site import pages
from utils import authoring, cells, environment

ROOT, HERE = environment.course_root(), pathlib.Path(__file__).parent
SOURCE, BUILT = ROOT / ".cache" / "site" / "source", ROOT / ".cache" / "site" / "built"
# The course's own Markdown files, each a page.
GUIDES = ("README.md", "TEACHING.md", "CONTRIBUTING.md", "TESTING.md", "data/README.md", "CHANGELOG.md")
CLAIMS = (
    "How far each claim of the course stands from its bound, in spreads over other processors' arithmetic and other "
    "seeds. TESTING.md says how it is measured."
)


def repository():
    """Return OWNER/REPO on GitHub, or None as long as the course has none."""
    name = authoring.repository()
    return None if name == cells.UNPUBLISHED else name


def write_pages():
    """Write the source of all pages to SOURCE, in place of what was there."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    (SOURCE / "_static").mkdir(parents=True)
    solutions = sorted((ROOT / "solutions").glob("*.ipynb"))
    modules = pages.public_modules(ROOT)
    published_at = repository()
    known = {*(f"lessons/{path.name}" for path in solutions), *GUIDES, "glossary.md", "lessons.md", "claims.md"}
    known |= {f"utils/{path.stem}.md" for path in modules}

    def write(place, markdown):
        path = SOURCE / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages.resolved(markdown, place, known, published_at), encoding="utf-8")

    for path in solutions:
        page = pages.lesson_page(nbformat.read(path, 4), notebook_links(path, published_at))
        place = f"lessons/{path.name}"
        for cell in page.cells:
            if cell.cell_type == "markdown":
                cell.source = pages.resolved(cell.source, place, known, published_at)
        (SOURCE / "lessons").mkdir(exist_ok=True)
        nbformat.write(page, SOURCE / place)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for place in GUIDES:
        markdown = (ROOT / place).read_text(encoding="utf-8")
        write(place, pages.without_pictures(markdown) if place == "README.md" else markdown)
    rows = list(csv.DictReader((ROOT / "data" / "glossary.csv").read_text(encoding="utf-8").splitlines()))
    stems = {path.stem[:2]: path.stem for path in solutions}
    write("glossary.md", pages.glossary(rows, stems))
    claims = (ROOT / "tests" / "claims.csv").read_text(encoding="utf-8")
    write("claims.md", pages.table("Claims", CLAIMS, claims, ["where", "claim", "value", "bound", "distance"]))
    for path in modules:
        write(f"utils/{path.stem}.md", pages.interface(f"utils.{path.stem}", path.read_text(encoding="utf-8")))
    write("interface.md", "# utils\n\n" + tree([f"utils/{path.stem}" for path in modules], hidden=False))
    write("lessons.md", pages.lesson_list(readme) + "\n" + tree([f"lessons/{path.stem}" for path in solutions]))
    write("guides.md", "# Guides\n\n" + tree([place.removesuffix(".md") for place in GUIDES], hidden=False))
    reader = (HERE / "reader.html").read_text(encoding="utf-8")
    write(
        "index.md",
        pages.landing(readme, reader) + "\n" + tree(["lessons", "glossary", "guides", "interface", "claims"]),
    )
    write_weights(SOURCE / "_static")
    write("404.md", "---\norphan: true\n---\n\n# There is no such page\n\n[All lessons](lessons.md)\n")
    for picture in (ROOT / "data" / "pictures").glob("*.png"):
        shutil.copy(picture, SOURCE / "_static")
    copy_mathjax(SOURCE / "_static" / "mathjax")
    shutil.copytree(ROOT / "lessons", SOURCE / "extra" / "notebooks", ignore=shutil.ignore_patterns(".*"))
    for name in ("site.css", "favicon.svg", "reader.js"):
        shutil.copy(HERE / name, SOURCE / "_static")
    shutil.copy(HERE / "conf.py", SOURCE)


def copy_mathjax(target):
    """Copy what sets formulas into a folder, so that no page asks another host for it: a script and its fonts."""
    for file in importlib.metadata.files("sphinx-mathjax-offline"):
        place = str(file).rpartition("/static/mathjax/")[2]
        if place == "tex-chtml.js" or place.startswith("output/chtml/fonts/"):
            (target / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.locate(), target / place)


def character_model():
    """Return (tokens, weights) of the shipped character model: a list of str, a list of arrays of float16."""
    folder = ROOT / "data" / "pretrained"
    vocabulary = json.loads((folder / "shakespeare-characters.vocabulary.json").read_text(encoding="utf-8"))
    with np.load(folder / "shakespeare-characters.npz") as stored:
        return vocabulary["tokens"], [stored[str(number)] for number in range(len(stored.files))]


def write_weights(folder):
    """Write what reader.js computes with: reader.json, and the weights one after the other in reader.bin."""
    tokens, weights = character_model()
    described = {"tokens": tokens, "shapes": [weight.shape for weight in weights]}
    (folder / "reader.json").write_text(json.dumps(described), encoding="utf-8")
    (folder / "reader.bin").write_bytes(b"".join(weight.astype("<f2").tobytes() for weight in weights))


def notebook_links(path, published_at):
    """Return, as HTML, where a lesson can be had as a notebook; published_at: OWNER/REPO, or None."""
    links = [f'<a href="../notebooks/{path.name}" download>Download the notebook</a>']
    if published_at:
        address = authoring.colab_address(ROOT / "lessons" / path.name, published_at)
        links.append(f'<a href="{address}">Open it in Colab</a>')
    return f'<p class="notebook">{" · ".join(links)}</p>'


def tree(places, hidden=True):
    """Return a table of contents as MyST has it."""
    return "\n".join(["```{toctree}", *([":hidden:"] if hidden else [":maxdepth: 1"]), "", *places, "```", ""])


def main(output):
    """Build the site into a folder; return the exit status."""
    started = time.perf_counter()
    output = pathlib.Path(output)
    if output.exists() and any(output.iterdir()) and not (output / "searchindex.js").exists():
        print(f"{output} is not empty and holds no site; it is left as it is.", file=sys.stderr)
        return 2
    write_pages()
    made = BUILT / "html"  # not in its place before it is whole
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-j", "auto", "-b", "html"]
    status = subprocess.run([*command, "-d", str(BUILT / "doctrees"), str(SOURCE), str(made)], check=False).returncode
    if status:
        return status
    shutil.rmtree(output, ignore_errors=True)
    shutil.copytree(made, output)
    count = len(list(output.rglob("*.html")))
    print(f"{count} pages in {time.perf_counter() - started:.0f} seconds: {output / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
