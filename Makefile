# Two commands matter: `make run` and `make test`. Each installs what it needs and says so.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help

# Where rustup puts cargo; a shell started before rustup was installed does not know it yet.
export PATH := $(HOME)/.cargo/bin:$(PATH)
export CARGO_TARGET_DIR ?= $(CURDIR)/target

# What the black-box tests and the bench run. Only they are told: to the product these are no
# settings.
TESTING := test-api test-contract test-browser test-browser-aws browser-only bench bench-app
$(TESTING): export PLATEN_BIN ?= $(CARGO_TARGET_DIR)/release/platen
$(TESTING): export PLATEN_CONVERTER_BIN := $(CARGO_TARGET_DIR)/release/bootstrap
$(TESTING): export PLATEN_FIXTURE_SITE := $(CARGO_TARGET_DIR)/debug/fixture-site
$(TESTING): export PLATEN_PROVISION := $(CARGO_TARGET_DIR)/debug/examples/provision

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

.PHONY: run
run: ## Install what is missing, build, and start Platen on this machine
	@scripts/setup.sh run
	@$(MAKE) build-only
	@exec $(CARGO_TARGET_DIR)/release/platen

.PHONY: run-aws
run-aws: ## The same as it runs on AWS: on emulators of its services; CONVERTER=lambda has it invoked
	@scripts/setup.sh run
	@scripts/peers/install
	@$(MAKE) build-aws
	@exec scripts/run-aws.sh $(CONVERTER)

.PHONY: build
build: ## Build the release binaries: the server with the front end inside, and the converter
	@scripts/setup.sh build
	@$(MAKE) build-only

# The order matters: the server embeds the front end. Both programs at once, so that what they share
# is built once. `cargo xtask` is quiet, which is no way to spend the minutes that it takes to build it.
.PHONY: build-only
build-only:
	cargo build --package xtask --locked
	cargo xtask frontend
	cargo build --release --package platen --package converter-lambda --locked

# With the features of the unit tests, which have built everything that it needs.
.PHONY: build-provision
build-provision:
	cargo build --workspace --exclude platen-tests --locked --example provision

# Of the same packages, so that the example finds everything built.
.PHONY: build-aws
build-aws: build-only
	cargo build --release --package platen --package converter-lambda --package platen-pipeline-aws \
		--example provision --locked

.PHONY: dev
dev: ## Build and start, again at every change
	@scripts/setup.sh dev
	@scripts/dev.sh

.PHONY: setup-lint
setup-lint:
	@scripts/setup.sh lint

.PHONY: lint
lint: setup-lint ## Format, clippy, shellcheck, licences and bans
	@scripts/lint.sh

.PHONY: test
test: ## Install what tests need, then run all of them
	@scripts/setup.sh test
	@$(MAKE) test-unit test-api test-browser

.PHONY: test-unit
test-unit: ## Unit and contract tests only
	cargo test --workspace --exclude platen-tests --locked

# Each test is a server and a browser of its own, so more of them at a time than there are cores
# only makes all of them slow.
.PHONY: test-api
test-api: build-only build-provision ## The built product over HTTP, killed, and on AWS; TEST=name runs some
	RUST_BACKTRACE=0 cargo test --package platen-tests --locked -- $(TEST)

# More than 5 000 requests, in a quarter of an hour; `test-api` makes do with the first 1 700.
.PHONY: test-contract
test-contract: build-only ## The built product against its OpenAPI document, thousands of times; CASES=per operation
	@scripts/peers/install schemathesis
	PLATEN_CASES=$(or $(CASES),300) RUST_BACKTRACE=0 \
		cargo test --package platen-tests --locked --test api -- contract::no_request --nocapture

# `test-api` has the short form, which leaves out what takes minutes.
.PHONY: test-deploy
test-deploy: ## The deployment: manifests, policies, pipelines; on a real control plane, too
	@scripts/setup.sh deploy
	@$(if $(PLATEN_ACK_LAMBDA_CONTROLLER),:,echo "left out: cluster::ack, for PLATEN_ACK_LAMBDA_CONTROLLER names no program")
	RUST_BACKTRACE=0 cargo test --package platen-tests --locked --test deploy -- --include-ignored --skip images::built:: \
		$(if $(PLATEN_ACK_LAMBDA_CONTROLLER),,--skip cluster::ack::) $(TEST)

.PHONY: test-images
test-images: ## The three images, built without a Docker engine, run and put to work; as root
	@scripts/setup.sh images
	RUST_BACKTRACE=0 cargo test --package platen-tests --locked --test deploy -- --ignored $(or $(TEST),images::built::)

.PHONY: test-browser
test-browser: build-only tests/browser/node_modules/.package-lock.json ## What a person does, in a browser; TEST=name runs some
	cargo build --package platen-tests --bin fixture-site --locked
	cd tests/browser && npm run --silent check && npm run --silent test -- $(if $(TEST),--grep "$(TEST)")
	@$(if $(TEST),:,$(MAKE) test-browser-aws)

.PHONY: test-browser-aws
test-browser-aws: build-only build-provision tests/browser/node_modules/.package-lock.json ## The main journey on emulators of AWS
	@scripts/peers/install
	cd tests/browser && for converter in poll lambda; do \
		PLATEN_BIN=$(CURDIR)/scripts/run-aws.sh PLATEN_RUN_CONVERTER=$$converter \
			npm run --silent test -- --grep "becomes a PDF"; \
	done

.PHONY: screenshots
screenshots: ## Write pictures of every screen to docs/images, of which the README shows some
	@scripts/setup.sh test
	@$(MAKE) browser-only ONLY=@pictures

.PHONY: bench-app
bench-app: ## How long the app takes to answer a person with 1 000 rows on a slow machine, and what Lighthouse says
	@scripts/setup.sh test
	@$(MAKE) browser-only ONLY=@speed
	@bench/run lighthouse

.PHONY: browser-only
browser-only: build-only tests/browser/node_modules/.package-lock.json
	cargo build --package platen-tests --bin fixture-site --locked
	cd tests/browser && PLATEN_ONLY=$(ONLY) npm run --silent test

tests/browser/node_modules/.package-lock.json: tests/browser/package-lock.json
	cd tests/browser && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: bench
bench: ## Measure against the raw browser, against peers, and on emulators of AWS
	@scripts/setup.sh bench
	@scripts/peers/install dynoxide ministack s3s-fs
	@$(MAKE) build-only
	@bench/run

.PHONY: clean
clean: ## Remove everything that was built
	cargo clean
	rm -rf frontend/dist tests/browser/node_modules tests/browser/test-results
