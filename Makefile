# The workbench by tasks; `make help` lists them. Every task prepares the environment that it needs.
# Values reach oko through its environment variables, so that no shell ever reads them.

PYTHON ?= python3
VENV ?= .venv

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help environment peers yearly test test-slow lab present import release lint docs bench lock clean

# desktops set a LANGUAGE of their own: only the one from make's command line counts
ifeq ($(origin LANGUAGE),command line)
export OKO_LANGUAGE := $(value LANGUAGE)
endif
ifneq ($(value CLUSTER),)
export OKO_CLUSTER := $(value CLUSTER)
endif
ifneq ($(value YEAR),)
export OKO_YEAR := $(value YEAR)
endif
ifneq ($(value JOBS),)
export OKO_JOBS := $(value JOBS)
endif
export OKO_REVIEWER := $(value REVIEWER)
unexport CLUSTER YEAR JOBS REVIEWER SHARE
# packages of another Python (ROS, modules of a computing centre) must not slip in
unexport PYTHONPATH PYTHONHOME

PY = "$(VENV)/bin/python"
OKO = "$(VENV)/bin/oko"
# studies are executed by the year itself; here are those that nothing else opens, and one study of each kind
NOTEBOOKS = $(wildcard templates/new_study.ipynb templates/school/school_year.ipynb templates/cluster/cluster_year.ipynb \
  notebooks/dashboards/*.ipynb notebooks/guides/*.ipynb)
TEST_WORK = .cache/test-work
# the tests' year begins as a copy of the one that `make yearly` has made of the example, where that one's raw files are
# all as oko wrote them; what is not whole or not up to date in the copy is made anew there
EXAMPLE = data/work/example
COPY = if [ ! -e $(TEST_WORK)/example ] && [ -f $(EXAMPLE)/.made-by ] && [ ! -e $(EXAMPLE)/forgotten.json ] \
  && [ -z "$$(find $(EXAMPLE)/raw -newer $(EXAMPLE)/.made-by)" ]; then \
  rm -rf $(TEST_WORK)/.copy; mkdir -p $(TEST_WORK); \
  if cp -RPp $(EXAMPLE) $(TEST_WORK)/.copy; then rm -rf $(TEST_WORK)/.copy/drafts; mv $(TEST_WORK)/.copy $(TEST_WORK)/example; \
  else rm -rf $(TEST_WORK)/.copy; fi; fi
# what JupyterLab's launcher offers: the starter of a new study
LAB = .cache/lab
# tests that need no year of the example: they run beside those that do
ALONE = tests/unit tests/reference tests/browser
ONE_THREAD = OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

help: ## этот список | this list
	@awk -F ' ## | [|] ' -v english='$(filter en,$(OKO_LANGUAGE))' \
	  '/^[a-z-]+:.* ## / { split($$1, word, ":"); printf "  make %-12s %s\n", word[1], (english ? $$3 : $$2) } \
	   /^#\? / { sub(/^#[?] /, "", $$1); printf "  %-17s %s\n", $$1, (english ? $$3 : $$2) }' Makefile

environment:
	@$(PYTHON) -E -S scripts/environment.py --venv "$(VENV)" $(if $(filter london,$(OKO_CLUSTER)),--extra london)

peers: environment
	@$(PYTHON) -E -S scripts/environment.py --venv "$(VENV)" --extra peers || true

yearly: environment ## все анализы года, указатель и выпуск | all analyses of the year, their index and the release
	@$(OKO) yearly

test: environment ## проверки: код, шаблоны, доски, браузер | tests: code, templates, boards, browser
	@status=0; export OKO_CLUSTER=example OKO_WORK="$$PWD/$(TEST_WORK)" $(ONE_THREAD); unset OKO_YEAR OKO_LANGUAGE; \
	echo "1/3 oko yearly (example)"; $(COPY); $(OKO) yearly || status=1; \
	echo "2/3 pytest"; said=$$(mktemp); \
	{ trap 'kill $$one; exit 143' TERM; \
	  $(PY) -m pytest -p no:cacheprovider $(ALONE) & one=$$!; wait $$one; units=$$?; \
	  echo "3/3 pytest --nbval-lax"; \
	  $(PY) -m pytest --nbval-lax --nbval-current-env -p no:cacheprovider $(or $(NOTEBOOKS),no-notebooks) & one=$$!; \
	  wait $$one && [ $$units -eq 0 ]; } >"$$said" 2>&1 & beside=$$!; \
	trap 'kill $$beside; exit 130' INT TERM; \
	$(PY) -m pytest $(addprefix --ignore=,$(ALONE)) || status=1; \
	wait $$beside || status=1; cat "$$said"; rm -f "$$said"; trap - INT TERM; \
	exit $$status

test-slow: environment peers ## долгие проверки: Монте-Карло, случайные файлы | slow tests: Monte Carlo, fuzzing
	@$(PY) -m pytest -m slow

lab: environment ## открыть JupyterLab | open JupyterLab
	@mkdir -p $(LAB)/notebook_templates/oko; cp templates/new_study.ipynb $(LAB)/notebook_templates/oko/
	@JUPYTER_PATH="$$PWD/$(LAB)$${JUPYTER_PATH:+:$$JUPYTER_PATH}" \
	  JUPYTER_CONFIG_PATH="$$PWD/templates/lab$${JUPYTER_CONFIG_PATH:+:$$JUPYTER_CONFIG_PATH}" $(PY) -m jupyterlab

present: environment ## показать доски | show the boards
	@$(OKO) present $(if $(filter 1 yes да,$(SHARE)),--share)

import: environment ## принять файлы из raw/ | take in the files of raw/
	@$(OKO) import

release: environment ## проверить и подписать то, что можно показать | check and sign what may be shown
	@$(OKO) release $${OKO_REVIEWER:+--reviewer "$$OKO_REVIEWER"}

lint: environment ## стиль и типы | style and types
	@status=0; \
	$(PY) -m ruff check . || status=1; \
	$(PY) -m ruff format --check . || status=1; \
	MYPY_NUM_WORKERS=2 $(PY) -m mypy --strict src/oko || status=1; \
	exit $$status

docs: environment ## словарь данных и список исследований | the data dictionary and the list of studies
	@$(OKO) docs

bench: environment peers ## замеры времени | measurements of time
	@$(PY) scripts/bench.py

lock: environment ## обновить замки окружения (UPGRADE=1 — новые выпуски) | make the locks anew (UPGRADE=1: newest releases)
	@$(PY) scripts/lock.py $(if $(UPGRADE),--upgrade)

clean: ## удалить промежуточное; данные и окружение останутся | delete what is made in between; data and environment stay
	@rm -rf .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	@find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

#? CLUSTER=nevsky ## кластер: папка в data/clusters | the cluster: a folder in data/clusters
#? YEAR=2020-2021 ## учебный год; без него — последний | the school year; the latest without it
#? LANGUAGE=en ## по-английски; без него — по-русски | in English; in Russian without it
#? JOBS=2 ## сколько анализов делать сразу | how many analyses to make at a time
#? SHARE=1 ## present: открыть залу, по ключу | present: open to the hall, by a token
#? REVIEWER=NAME ## release: кто подписывает, второй человек | release: who signs, a second person
#? PYTHON=python3.12 ## каким Python готовить окружение | the Python to prepare the environment with
#? VENV=FOLDER ## готовое окружение, например "$CONDA_PREFIX" | another environment, such as "$CONDA_PREFIX"
