# Each target is one line that calls a real command, which people without make can call as well.
PYTHON ?= python3

.PHONY: lab install fresh progress test test-extras test-colab test-browser test-versions test-machines fuzz lessons bench pretrained site test-site

lab:
	$(PYTHON) -m utils.launch lab

install:
	$(PYTHON) -m utils.launch install

fresh:
	$(PYTHON) -m utils.launch fresh $(NAMES)

progress:
	$(PYTHON) -m utils.launch progress

test:
	$(PYTHON) -m utils.launch test

test-extras:
	$(PYTHON) -m utils.launch extras

test-colab:
	$(PYTHON) -m tools.colab

test-browser:
	$(PYTHON) -m tools.browser

test-versions:
	$(PYTHON) -m tools.versions --write $(NAMES)

test-machines:
	$(PYTHON) -m utils.launch machines $(NAMES)

fuzz:
	$(PYTHON) -m tools.fuzz_submissions

lessons:
	$(PYTHON) -m utils.launch lessons

bench:
	$(PYTHON) -m utils.launch bench

pretrained:
	$(PYTHON) -m utils.launch pretrained

site:
	$(PYTHON) -m tools.site

test-site:
	$(PYTHON) -m tools.site --check
