# Everything here needs Go alone, unless its line says otherwise.
GO                    ?= go
GOLANGCI_LINT_VERSION := v2.15.0
REVISION              := $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)
VERSION_PACKAGE       := github.com/prometheus/common/version
LDFLAGS               := -s -w -X $(VERSION_PACKAGE).Revision=$(REVISION)
FUZZ_TIME             ?= 5s

.PHONY: all
all: lint test build

.PHONY: build
build: ## The static binary ./ogg_exporter.
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o ogg_exporter .

.PHONY: test
test: ## All tests; those that need programs of others are left out, loudly, where these are missing.
	$(GO) vet ./...
	$(GO) test -timeout 9m ./...
	@for program in promtool:prometheus prometheus:prometheus prometheus-alertmanager:prometheus-alertmanager amtool:prometheus-alertmanager systemd-analyze:systemd; do \
	  command -v $${program%%:*} >/dev/null || \
	    echo "LEFT OUT: the tests that need $${program%%:*}, which is not installed (package $${program##*:})"; \
	done

.PHONY: race
race: ## All tests with the race detector (needs a C compiler).
	$(GO) test -race -timeout 20m ./...

.PHONY: soak
SOAK_TIME ?= 20m
SOAK_SEED ?= 0
soak: ## The exporter under scrapes, faults, reloads and restarts at random, for SOAK_TIME (20m).
	$(GO) test -tags soak -run '^TestSoak$$' -timeout 2h -v ./e2e -args -soak.duration=$(SOAK_TIME) -soak.seed=$(SOAK_SEED)

.PHONY: fuzz
fuzz: ## Each fuzz target for FUZZ_TIME.
	@set -e; for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
	    $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_TIME) $$package; \
	  done; \
	done

.PHONY: golden
golden: ## Write the golden files anew; read the diff as carefully as code.
	$(GO) test ./config ./collector ./server -update

.PHONY: schema
schema: ## The dashboards against Grafana's own types (needs npm, and downloads).
	mkdir -p dist/schema
	cp dashboards/schema/* dist/schema
	cd dist/schema && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	node dist/schema/check.mjs dashboards/*.json

.PHONY: demo
demo: ## The exporter with --demo, Prometheus and Alertmanager, until Ctrl-C (needs Prometheus).
	GO='$(GO)' demo/run

.PHONY: bench
bench: ## Measure the exporter on a simulated fleet, as a table (Linux).
	$(GO) run ./bench

.PHONY: lint
lint: ## golangci-lint with gofumpt; pinned, built by Go itself.
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION) run ./...

.PHONY: help
help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'
