# `make run` opens the window, `make test` checks and tests everything; both set up what they need.
PYTHON_IN_VENV := .venv/bin/python
TOOLS := .venv/shared/bin
FOLDER ?=
ONLY ?=

.PHONY: setup run check test demo bench screenshots install-desktop uninstall-desktop

setup:
	@.ci/setup

run: setup
	@$(PYTHON_IN_VENV) main.py $(if $(FOLDER),"$(FOLDER)")

check: setup
	$(TOOLS)/ruff format --check .
	$(TOOLS)/ruff check .
	$(TOOLS)/mypy
	$(TOOLS)/lint-imports

test: check
	QT_QPA_PLATFORM=offscreen $(PYTHON_IN_VENV) -m pytest -q

demo: setup
	$(PYTHON_IN_VENV) main.py demo

bench: setup
	$(PYTHON_IN_VENV) tests/bench/run.py $(ONLY)

screenshots: setup
	$(PYTHON_IN_VENV) tests/bench/screenshots.py

install-desktop: setup
	@$(PYTHON_IN_VENV) main.py install-desktop

uninstall-desktop: setup
	@$(PYTHON_IN_VENV) main.py uninstall-desktop
