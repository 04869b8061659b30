# Everything a developer does with Souk. `make` lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

PORT ?= 8000
TIERS ?= unit,embedded,servers,engine,graders
STACK ?= dev
UNDER ?= souk/$(STACK)
JOBS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
OUT ?= var/rendered/$(STACK)
SBOM ?= var/sbom/service.cdx.json

BIN := .venv/bin
INSTALLED := .venv/.installed
CODE := $(wildcard services infra stacks policies tests)

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(INSTALLED) ## Serve all of Souk on http://127.0.0.1:8000 (PORT=…), data in var/.
	@exec $(BIN)/python -m services run --port $(PORT)

.PHONY: check
check: format lint types walls test ## All that must hold before a change is merged.

.PHONY: format
format: $(INSTALLED) ## Fail where `make fmt` would change something.
	$(BIN)/ruff format --check $(CODE)

.PHONY: fmt
fmt: $(INSTALLED) ## Format the code and sort its imports.
	$(BIN)/ruff check --quiet --select I --fix $(CODE)
	$(BIN)/ruff format $(CODE)

.PHONY: lint
lint: $(INSTALLED) ## Every rule of ruff, but for those exempted with a reason.
	$(BIN)/ruff check $(CODE)

.PHONY: types
types: $(INSTALLED) ## mypy, strict, tests too.
	$(BIN)/mypy

.PHONY: walls
walls: $(INSTALLED) ## What may import what.
	$(BIN)/lint-imports --no-logo

.PHONY: test
test: $(INSTALLED) ## Run the tests; TIERS=unit,embedded leaves the real servers out, JOBS=0 runs one by one.
ifneq (,$(findstring servers,$(TIERS)))
	@$(BIN)/python -m tests.servers.provision postgres redis rabbitmq java elasticsearch nginx curl
endif
ifneq (,$(findstring engine,$(TIERS)))
	@$(BIN)/python -m tests.engine.provision
endif
ifneq (,$(findstring graders,$(TIERS)))
	@$(BIN)/python -m tests.graders.provision
endif
	TIERS=$(TIERS) $(BIN)/python -m pytest --numprocesses=$(JOBS) --no-loadscope-reorder

.PHONY: graders
graders: $(INSTALLED) ## Build and fetch what grades the stacks, into the cache.
	@$(BIN)/python -m tests.graders.provision

.PHONY: soak
soak: $(INSTALLED) servers ## The invariants at their full numbers; takes long.
	TIERS=soak $(BIN)/python -m pytest

.PHONY: bench
bench: $(INSTALLED) servers ## Measure; writes docs/benchmarks.
	$(BIN)/python -m tests.bench

.PHONY: secrets
secrets: $(INSTALLED) ## Make the secrets that a stack lacks (STACK=dev, ADD=given.json); FOR=vault|json prints them.
	@set -e; known=; \
	if pulumi config --stack $(STACK) --json | grep -q '"souk:secrets"'; then \
		known=$$(pulumi config get souk:secrets --stack $(STACK)); \
	fi; \
	if [ -n "$(FOR)" ]; then \
		printf '%s' "$$known" | $(BIN)/python -m stacks.deposits "$(FOR)" "$(UNDER)" $(ADD); exit; \
	fi; \
	made=$$(printf '%s' "$$known" | $(BIN)/python -m stacks.minting $(ADD)) && \
	printf '%s' "$$made" | pulumi config set --secret souk:secrets --stack $(STACK)

.PHONY: render
render: $(INSTALLED) ## Write a stack as YAML for GitOps: STACK, OUT, IMAGE and CLIENT by digest, REPO (docs/gitops.md).
	@set -e; engine=$$($(BIN)/python -m tests.lab.engine.alone); eval "$$engine"; \
	$(BIN)/python -m stacks.rendering $(STACK) $(OUT) \
		$(if $(IMAGE),--service-image $(IMAGE)) $(if $(CLIENT),--client-image $(CLIENT)) \
		$(if $(STORE),--store $(STORE)) $(if $(REPO),--repository $(REPO)) \
		$(if $(AT),--at $(AT)) $(if $(REVISION),--revision $(REVISION))

.PHONY: golden
golden: $(INSTALLED) ## Renew the rendered stacks that tests compare with.
	$(BIN)/python -m tests.stacks.rendered

.PHONY: sbom
sbom: $(INSTALLED) ## Write every library of the services' image, by version and hash, as CycloneDX (SBOM=…).
	@set -e; writer=$$($(BIN)/python -m tests.graders.provision cyclonedx-py); mkdir -p $(dir $(SBOM)); \
	PYTHONWARNINGS=ignore "$$writer" requirements --output-reproducible \
		-o $(SBOM) images/service/requirements.lock

.PHONY: pin-images
pin-images: $(INSTALLED) ## Write the digests of third parties' images, where registries are reachable.
	@set -e; crane=$$(command -v crane || $(BIN)/python -m tests.graders.provision crane); \
	$(BIN)/python -m stacks.pinning "$$crane"

.PHONY: lab
lab: $(INSTALLED) ## Run a Kubernetes, a Pulumi engine and all of Souk on this machine.
	@$(BIN)/python -m tests.lab up

.PHONY: lab-down
lab-down: $(INSTALLED) ## End what `make lab` started, and leave the machine as it was.
	@$(BIN)/python -m tests.lab down

.PHONY: test-lab
test-lab: lab ## What only a cluster can show; takes minutes.
	TIERS=lab $(BIN)/python -m pytest

.PHONY: servers
servers: $(INSTALLED) ## Install the servers that tests and benchmarks want and this machine lacks.
	@$(BIN)/python -m tests.servers.provision

.PHONY: lock
lock: RESOLVE := UV_CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/uv pip compile --upgrade --universal --generate-hashes \
	--no-emit-index-url --quiet
lock: $(INSTALLED) ## Resolve the dependencies again: all, those of the image among them, and the graders'.
	$(RESOLVE) pyproject.toml --all-extras --output-file requirements.lock
	$(RESOLVE) pyproject.toml --constraint requirements.lock --output-file images/service/requirements.lock
	$(RESOLVE) --group graders --output-file tests/graders/requirements.lock

.PHONY: hooks
hooks: $(INSTALLED) ## Check the changed files before every commit.
	git config core.hooksPath .githooks

.PHONY: clean
clean: ## Remove what was made here, but for the data in var/.
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock
	@.make/install requirements.lock
	@touch $(INSTALLED)
