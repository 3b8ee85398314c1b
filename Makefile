# `make run` opens the window, `make test` checks and tests everything; both set up what they need.
PYTHON_IN_VENV := .venv/bin/python
TOOLS := .venv/shared/bin
FOLDER ?=
ONLY ?=

TRANSLATION := resources/translations/maskloop_$(LANGUAGE).ts

.PHONY: setup run check test demo bench verify-zoo screenshots translations install-desktop uninstall-desktop

setup:
	@.ci/setup

run: setup
	@$(PYTHON_IN_VENV) main.py $(if $(FOLDER),"$(FOLDER)")

check: setup
	$(TOOLS)/ruff format --check .
	$(TOOLS)/ruff check .
	$(TOOLS)/mypy
	$(TOOLS)/lint-imports
	QT_QPA_PLATFORM=offscreen $(PYTHON_IN_VENV) -m pytest -q tests/architecture_test.py

test: check
	QT_QPA_PLATFORM=offscreen $(PYTHON_IN_VENV) -m pytest -q

demo: setup
	$(PYTHON_IN_VENV) main.py demo

bench: setup
	$(PYTHON_IN_VENV) tests/bench/run.py $(ONLY)

# make verify-zoo COCO=FOLDER [ONLY="NAME ..."]; FOLDER holds val2017 and annotations
verify-zoo: setup
ifndef COCO
	@echo "Say where COCO is: make verify-zoo COCO=FOLDER" >&2; exit 1
else
	$(PYTHON_IN_VENV) tests/bench/verify_zoo.py "$(COCO)" $(ONLY)
endif

screenshots: setup
	$(PYTHON_IN_VENV) tests/bench/screenshots.py

# make translations LANGUAGE=de; texts that are gone from the program leave the file, too
translations: setup
ifneq ($(origin LANGUAGE),command line)
	@echo "Name a language: make translations LANGUAGE=de" >&2; exit 1
endif
	@mkdir -p resources/translations
	QT_TOOLS="$$($(PYTHON_IN_VENV) -c 'import PySide6; print(*PySide6.__path__)')" && \
	"$$QT_TOOLS/lupdate" -extensions py -no-obsolete gui -ts $(TRANSLATION) && \
	"$$QT_TOOLS/lrelease" $(TRANSLATION)

install-desktop: setup
	@$(PYTHON_IN_VENV) main.py install-desktop

uninstall-desktop: setup
	@$(PYTHON_IN_VENV) main.py uninstall-desktop
