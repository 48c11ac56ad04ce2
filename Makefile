# Each target is one line that calls a real command; README.md gives the same lines for people without make.
PYTHON ?= python3

.PHONY: lab test lessons

lab:
	$(PYTHON) -m utils.launch lab

test:
	$(PYTHON) -m utils.launch test

lessons:
	$(PYTHON) -m utils.launch lessons
