"""How Sphinx builds the site. tools.site.build says where the pages are, and writes them."""

from tools.site import build

project = "Unrolled"
author = "the authors of Unrolled"
copyright = author  # Sphinx's name for it
language = "en"
extensions = ["myst_nb", "sphinx_copybutton"]
exclude_patterns = ["extra"]
html_title = "Unrolled"

# Nothing is executed: the pages show the outputs that are stored.
nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "pydata_sphinx_theme"
html_context = {"default_mode": "auto"}
html_favicon = "_static/favicon.svg"
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_with_keys": True,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {name: [] for name in ("index", "glossary", "claims", "404")}
html_static_path = ["_static"]
html_extra_path = ["extra"]  # the notebooks, to be downloaded
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False

# No page asks another host for anything: MathJax lies beside the pages.
mathjax_path = "mathjax/tex-chtml.js"
html_use_index = False

# What needs the site's own address is there once the course has one.
if repository := build.repository():
    owner, name = repository.split("/")
    html_baseurl = f"https://{owner.lower()}.github.io/{name}/"
    extensions += ["sphinx_sitemap", "sphinxext.opengraph"]
    sitemap_url_scheme, sitemap_excludes = "{link}", ["404.html", "search.html"]
    ogp_site_url = html_baseurl
    ogp_image = "_static/03_lstm_gates.png"
    ogp_image_alt = "Forget gate, input gate and cell state of an LSTM that reads brackets"
    ogp_social_cards = {"enable": False}
