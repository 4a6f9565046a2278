# `make` alone explains itself. Every target can be run again at any time; second runs do only what changed.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help

# Static binaries: a plugin is executed from a sealed memory file, and the image has no C library.
export CGO_ENABLED := 0

VERSION   := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# -buildvcs=false: the same sources give the same plugin checksums in every clone.
GO_BUILD  := go build -trimpath -buildvcs=false
# Every directory under plugins with a main package is a plugin: adding one changes nothing here.
PLUGINS   := $(filter-out sdk sim,$(sort $(patsubst plugins/%/,%,$(dir $(shell grep -ls '^package main' plugins/*/*.go)))))
TOOLS     := $(CURDIR)/bin/tools
HAS_UI    := $(wildcard admin-ui/package.json)
UI_FILES  := $(if $(HAS_UI),$(shell find admin-ui \( -name node_modules -o -name dist -o -name e2e -o -name '*.test.ts*' \) -prune -o -type f -print))
NPM       := npm --prefix admin-ui

.PHONY: help
help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: need-go need-node build ## Start everything on this machine with demo data; the address comes last. RUN="--plugins DIR" adds options
	@exec bin/zhanggui dev $(RUN)

.PHONY: build
build: need-go ui ## Build static binaries into bin/ and plugins into bin/plugins/
	@$(MAKE) binaries

# --- tests -----------------------------------------------------------------------------------------

.PHONY: test
test: need-go need-node ## Run every test: real PostgreSQL, real Vault, plugin processes, a browser
	@scripts/test

.PHONY: test-fast
test-fast: need-go ## Run the Go tests only: no browser, no Vault build
	@scripts/prerequisites postgres
	@go test ./...

.PHONY: screenshots
screenshots: need-go need-node build ## Picture every page of the running product, and the guides' pictures; ONLY=orders or ONLY=guides makes some
	@scripts/prerequisites postgres chromium
	@ONLY="$(ONLY)" $(NPM) run --silent screenshots

.PHONY: fuzz
fuzz: need-go ## Fuzz every parser of provider input, FUZZTIME (default 5m) each
	@scripts/fuzz $(FUZZTIME)

.PHONY: bench
bench: need-go binaries ## Measure payments a second beside the reference SQL, one plugin call, reconciliation of a million lines and the order list of a million orders
	@scripts/prerequisites postgres
	@$(GO_BUILD) -o bin/bench/echo ./bench/cmd/echo
	@$(GO_BUILD) -o bin/bench-run ./core/host/cmd/bench
	@bin/bench-run $(BENCH)

.PHONY: chaos
chaos: need-go binaries ## Kill, cut and seal under load, then check that no money is lost; CHAOS="--seed 7" repeats, CHAOS=--short is quick
	@scripts/prerequisites postgres
	@go run ./vault/vaulttest/cmd/testvault build
	@$(GO_BUILD) -o bin/chaos ./core/host/cmd/chaos
	@bin/chaos $(CHAOS)

.PHONY: plugin-crashes
plugin-crashes: need-go ## Crash one provider CRASHES (default 1000) times under load and print what another provider notices
	@ZHANGGUI_TEST_CRASHES=$(or $(CRASHES),1000) go test -count=1 -timeout 60m -v -run '^TestCrashesUnderLoad$$' ./core/internal/pluginhost | grep -v 'level='

# --- quality ---------------------------------------------------------------------------------------

.PHONY: lint
lint: need-go $(TOOLS)/golangci-lint ## Check the code, and that the import rules really refuse
	@$(TOOLS)/golangci-lint run ./...
	@scripts/check-import-rules $(TOOLS)/golangci-lint
	@scripts/check-house-rules
	@if [ -n "$(HAS_UI)" ]; then $(MAKE) ui-deps; $(NPM) run lint --if-present; fi
	@echo "Lint found nothing."

.PHONY: fmt
fmt: need-go $(TOOLS)/golangci-lint ## Format the code
	@$(TOOLS)/golangci-lint fmt
	@if [ -n "$(HAS_UI)" ]; then $(MAKE) ui-deps; $(NPM) run fmt --if-present; fi

.PHONY: generate
generate: need-go ## Write the generated files anew
	@scripts/generate

.PHONY: verify
verify: need-go $(TOOLS)/golangci-lint ## Check that generated files, providers, formatting and go.mod are current
	@scripts/verify $(TOOLS)/golangci-lint

.PHONY: proto-baseline
proto-baseline: need-go ## Promise plugins the wire contract as it is now; for a release only (docs/plugin-compatibility.md)
	@scripts/check-compatibility --renew

.PHONY: providers
providers: need-go ## List every provider operation and trap with its tests; fails on a gap; writes docs/providers.md
	@go run ./tools/providers

.PHONY: clean
clean: ## Remove what was built, and stop the tests' PostgreSQL
	@go run ./core/internal/devstack/cmd/testpg stop || true
	@rm -rf bin admin-ui/node_modules/.built
	@if [ -d admin-ui/dist ]; then git clean -qfdX -- admin-ui/dist; fi

# --- parts -----------------------------------------------------------------------------------------

.PHONY: binaries
binaries:
	@mkdir -p bin/plugins
	@for program in zhanggui provider-sim; do \
	  if [ -d cmd/$$program ]; then \
	    $(GO_BUILD) -ldflags '-s -w -X main.version=$(VERSION)' -o bin/$$program ./cmd/$$program; fi; \
	done
	@for plugin in $(PLUGINS); do $(GO_BUILD) -ldflags '-s -w' -o bin/plugins/$$plugin ./plugins/$$plugin; done

.PHONY: ui ui-deps
ifdef HAS_UI
ui-deps: need-node admin-ui/node_modules/.installed
ui: need-node admin-ui/node_modules/.built

# The lock file alone decides what is installed.
admin-ui/node_modules/.installed: admin-ui/package-lock.json
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

admin-ui/node_modules/.built: admin-ui/node_modules/.installed $(UI_FILES)
	@$(NPM) run build
	@touch $@
else
ui-deps ui:
endif

# The tools live in modules of their own: in the main go.mod they would choose the product's versions.
$(TOOLS)/golangci-lint: tools/golangci-lint/go.sum
	@echo "Building golangci-lint; the first time takes some minutes."
	@go build -C tools/golangci-lint -trimpath -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

.PHONY: need-go need-node
need-go:
	@scripts/prerequisites go
need-node:
	@if [ -n "$(HAS_UI)" ]; then scripts/prerequisites node; fi
