# Bare `make` lists the targets. Each sets up what it needs: ./.venv, or the activated
# environment where there is one.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := $(or $(VIRTUAL_ENV),$(CONDA_PREFIX),.venv)
BIN := $(VENV)/bin
WITH_PROFILE := --profile $(or $(PROFILE),smoke)

# One process, or NPROC of them: torchrun's flags for several machines go into TORCHRUN.
REPRO = '$(BIN)/repro'
ifdef NPROC
REPRO = '$(BIN)/torchrun' --nproc-per-node '$(NPROC)' $(TORCHRUN) --no-python '$(BIN)/repro'
endif

# Each is one shell command that ends with a clear line where Python cannot be used.
FLOOR = $(shell sed -n 's/^requires-python = ">=\(.*\)"/\1/p' pyproject.toml)
new_enough = '$(1)' -c 'import sys; v = "$(FLOOR)".split("."); \
  sys.exit(sys.version_info < tuple(map(int, v)))' 2>/dev/null || \
  { echo "Python >= $(FLOOR) is needed, $(1) is not: try make env PYTHON=python3.12" >&2; \
    exit 1; }
venv = '$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null && \
  '$(PYTHON)' -m venv --clear '$(VENV)' || \
  { echo "$(PYTHON) cannot make $(VENV): install its venv module (python3-venv)" >&2; exit 1; }

# The stamp names the checkout that is installed, so that two checkouts may share an
# environment and a moved one is installed anew. As a target, its path escapes spaces.
INSTALLED := $(VENV)/.alexnet-repro
STAMP := $(subst $() ,\ ,$(INSTALLED))
ifneq ($(shell cat '$(INSTALLED)' 2>/dev/null),$(CURDIR))
.PHONY: $(STAMP)
endif

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo '  variables: PROFILE=smoke|cifar10|tiny-imagenet|imagenette|imagenet  SOURCE=folder-or-archive'
	@echo '             ARGS="--set epochs=17" (of repro reproduce)  PYTHON=python3.12'
	@echo '             NPROC=8 (processes of one training, a GPU each; TORCHRUN= its own flags)'

$(STAMP): pyproject.toml
	@test -x '$(BIN)/python' || { $(call new_enough,$(PYTHON)); $(venv); }
	@$(call new_enough,$(BIN)/python)
	@echo "Installing into $(VENV) (PyTorch alone is some GB: the first time takes minutes)"
	@'$(BIN)/python' -m pip --version >/dev/null 2>&1 || '$(BIN)/python' -m ensurepip
	'$(BIN)/python' -m pip install --disable-pip-version-check --quiet -e '.[dev]'
	@printf '%s\n' '$(CURDIR)' > '$@'

.PHONY: env
env: $(STAMP) ## install into ./.venv, or into the activated environment

.PHONY: data
data: $(STAMP) ## fetch, verify and pack the data of PROFILE (or take SOURCE)
	'$(BIN)/repro' data $(WITH_PROFILE) $(if $(SOURCE),--source '$(SOURCE)')

.PHONY: reproduce
reproduce: data ## data, every training run and the page of PROFILE (default: smoke)
	$(REPRO) reproduce $(WITH_PROFILE) $(ARGS)
	'$(BIN)/repro' report $(WITH_PROFILE)

.PHONY: smoke
smoke: ## make reproduce PROFILE=smoke: the whole path in minutes
	@$(MAKE) --no-print-directory reproduce PROFILE=smoke

.PHONY: report
report: $(STAMP) ## the page of PROFILE, or of all profiles, from the runs that exist
	'$(BIN)/repro' report $(if $(PROFILE),--profile '$(PROFILE)')

.PHONY: test
test: $(STAMP) ## run the tests
	'$(BIN)/python' -m pytest

.PHONY: lint
lint: $(STAMP) ## check format, code and that notebooks hold no outputs
	'$(BIN)/ruff' format --check .
	'$(BIN)/ruff' check .
	'$(BIN)/nbstripout' --verify notebooks/*.ipynb

.PHONY: notebook
notebook: $(STAMP) ## open the notebooks in JupyterLab
	JUPYTER_PREFER_ENV_PATH=1 '$(BIN)/jupyter' lab notebooks

.PHONY: bench
bench: $(STAMP) ## measure speed beside peers, as ratios (ARGS=profile, data, pack or report)
	'$(BIN)/repro' bench $(ARGS)

.PHONY: clean
clean: ## remove built pages and caches; keeps data, runs and the environment
	rm -rf reports/index.html reports/ledger.json reports/figures reports/tables reports/notebooks
	rm -rf reports/*/index.html reports/*/ledger.json reports/*/tables reports/*/notebooks
	git ls-files -zoi --exclude-standard -- ':(glob)reports/*/figures/*' | xargs -0 rm -f
	rm -rf .pytest_cache .ruff_cache build *.egg-info
	find repro analysis tests -name __pycache__ -prune -exec rm -rf {} +
