# Everything here needs only Go, unless its line says otherwise.
GO                    ?= go
GOLANGCI_LINT_VERSION := v2.15.0
GOLANGCI_LINT         := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
GOVULNCHECK_VERSION   := v1.9.0
GOVULNCHECK           := $(GO) run golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)
REVISION              := $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)
GORELEASER_VERSION    := v2.15.1
GORELEASER            := $(GO) run github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)
ACTIONLINT_VERSION    := v1.7.12
ACTIONLINT            := $(GO) run github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION)
HELM                  := $(GO) run helm.sh/helm/v3/cmd/helm@v3.22.0
CRANE                 := $(GO) run github.com/google/go-containerregistry/cmd/crane@v0.22.1
IMAGE                 := ghcr.io/ogg-exporter/ogg_exporter
CHARTS                := oci://ghcr.io/ogg-exporter/charts
VERSION               := $(shell cat VERSION)
VERSION_PACKAGE       := github.com/prometheus/common/version
LDFLAGS               := -s -w -X $(VERSION_PACKAGE).Revision=$(REVISION)
FUZZ_TIME             ?= 5s
# Tests of a package that run at once: more than there are cores, because many wait for other programs.
PARALLEL              ?= 8

.PHONY: all
all: lint test build

.PHONY: build
build: ## Build the static binary ./ogg_exporter.
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o ogg_exporter .

.PHONY: reproducible
reproducible: ## Build in two copies of the tree, in different directories, and compare the binaries.
	@set -e; dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	for copy in a b/longer; do \
	  mkdir -p "$$dir/$$copy"; \
	  tar -c --exclude=./.git --exclude=./dist --exclude=./ogg_exporter . | tar -x -C "$$dir/$$copy"; \
	  $(MAKE) --no-print-directory -s -C "$$dir/$$copy" build REVISION=$(REVISION); \
	  sha256sum <"$$dir/$$copy/ogg_exporter"; \
	done; \
	cmp "$$dir/a/ogg_exporter" "$$dir/b/longer/ogg_exporter"

.PHONY: release-is-version
release-is-version: # Fail if the tag of the release, RELEASE, is not what the file VERSION says.
	@[ -z "$(RELEASE)" ] || [ "$(RELEASE)" = "$(VERSION)" ] || \
	  { echo "the tag says $(RELEASE) and the file VERSION $(VERSION)" >&2; exit 1; }

.PHONY: packaging
packaging: release-is-version # What packages have beside the binary, which tells its man page and completions itself.
	mkdir -p dist/packaging
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o dist/packaging/ogg_exporter .
	cd dist/packaging && ./ogg_exporter --help-man | \
	  sed '/^\.SH "NAME"$$/{n;s/$$/ \\- Prometheus exporter for Oracle GoldenGate Microservices/;}' | gzip -9n >ogg_exporter.1.gz
	cd dist/packaging && ./ogg_exporter --completion-script-bash >ogg_exporter.bash
	cd dist/packaging && { ./ogg_exporter --completion-script-zsh; echo '[ "$$funcstack[1]" != _ogg_exporter ] || _ogg_exporter "$$@"'; } >_ogg_exporter
	sed -e '1,/^$$/d' -e 's|/usr/local/bin/|/usr/bin/|' -e 's|^DynamicUser=yes|User=ogg_exporter\nGroup=ogg_exporter|' \
	  systemd/ogg_exporter.service >dist/packaging/ogg_exporter.service

# What this machine cannot do, for goreleaser to skip.
CANNOT = $(shell docker buildx version >/dev/null 2>&1 || echo docker) $(if $(COSIGN_KEY),,sign)
PLATFORMS ?= all
release snapshot: export PLATFORMS := $(PLATFORMS)
release snapshot: export VERSION := $(VERSION)
release snapshot: export REVISION := $(REVISION)
release snapshot: export SOURCE_DATE_EPOCH = $(shell git log -1 --format=%ct)
release snapshot: export DATE = $(shell TZ=UTC git log -1 --date=iso-strict-local --format=%cd)

.PHONY: snapshot
snapshot: ## Make what a release has, in dist/release, and check it; publish nothing (PLATFORMS=linux_amd64 makes less; docker with buildx makes images, and cosign with COSIGN_KEY signatures).
	@case '$(PLATFORMS)' in all | linux_amd64) ;; *) echo "PLATFORMS is all or linux_amd64, and not $(PLATFORMS)" >&2; exit 1;; esac
	@git rev-parse HEAD >/dev/null || { echo "make snapshot needs a clone: what it makes has the time of the commit" >&2; exit 1; }
	$(GORELEASER) release --snapshot --clean --skip=$(shell echo $(CANNOT) | tr ' ' ,)
	SNAPSHOT='$(CURDIR)/dist/release' $(GO) test -count=1 -run '^TestSnapshot' ./e2e
	@case '$(CANNOT)' in *docker*) echo "LEFT OUT: docker with buildx is not installed; the images were NOT built";; esac
	@case '$(CANNOT)' in *sign*) echo "LEFT OUT: COSIGN_KEY is not set; the checksums were NOT signed";; esac
	@[ '$(PLATFORMS)' = all ] || echo "LEFT OUT: all platforms but $(PLATFORMS)"
	@for program in dpkg-deb:dpkg rpm:rpm; do \
	  command -v $${program%%:*} >/dev/null || echo "LEFT OUT: what packages contain was NOT checked with $${program%%:*}, which is not installed (package $${program##*:})"; \
	done

.PHONY: chart
chart: ## Package the Helm chart into dist/chart.
	$(HELM) package deploy/helm/ogg-exporter --destination dist/chart

.PHONY: release
release: ## Make the draft of a release of the tag that is checked out, and push the image of its candidate (in GitHub's workflow).
	$(GORELEASER) release --clean $(if $(COSIGN_KEY),,--skip=sign)
	@[ -n "$$COSIGN_KEY" ] || echo "LEFT OUT: COSIGN_KEY is not set; the checksums and images were NOT signed"

.PHONY: publish
publish: release-is-version chart ## Publish the candidate's image under its version, and the chart (in GitHub's workflow, once the draft is published).
	$(CRANE) tag $(IMAGE):$(VERSION)-candidate $(VERSION)
	$(HELM) push dist/chart/ogg-exporter-$(VERSION).tgz $(CHARTS)
	$(if $(findstring -,$(VERSION)),,$(CRANE) tag $(IMAGE):$(VERSION)-candidate latest)

.PHONY: package-test
package-test: ## Install the deb of dist/release on this machine, run it, and purge it (needs root and Debian; make snapshot first).
	PACKAGE='$(CURDIR)/dist/release' $(GO) test -count=1 -run '^TestPackage$$' ./e2e
	@for program in dpkg-deb:dpkg systemd-analyze:systemd; do \
	  command -v $${program%%:*} >/dev/null || \
	    echo "LEFT OUT: $${program%%:*} is not installed (package $${program##*:}); the deb was NOT installed"; \
	done

.PHONY: licenses
licenses: ## Rewrite LICENSES.txt, the licenses of what is in the binary.
	$(GO) run ./house/licenses >LICENSES.new
	mv LICENSES.new LICENSES.txt

.PHONY: vuln
vuln: ## Look for known vulnerabilities in what the binary calls (needs the network).
	@set -e; code=0; found=$$($(GOVULNCHECK) ./... 2>&1) || code=$$?; \
	case "$$code:$$found" in \
	  0:*) echo "$$found";; \
	  *"fetching vulnerabilities"*) echo "LEFT OUT: govulncheck cannot reach its database, vuln.go.dev; known vulnerabilities were NOT looked for";; \
	  *) echo "$$found"; exit $$code;; \
	esac

.PHONY: test
test: ## Run vet and all tests; tests whose programs are not installed are skipped, and listed.
	@# Side by side, because much of the first waits for other programs.
	$(MAKE) --no-print-directory -j3 test-exporter test-oncall manifests
	@for program in promtool:prometheus prometheus:prometheus prometheus-alertmanager:prometheus-alertmanager amtool:prometheus-alertmanager systemd-analyze:systemd chromium:chromium; do \
	  command -v $${program%%:*} >/dev/null || \
	    echo "LEFT OUT: the tests that need $${program%%:*}, which is not installed (package $${program##*:})"; \
	done
	@echo "LEFT OUT: what a release contains (make snapshot), and installing it (make package-test)"
	@module=$$(sed -n 's/^const statsdExporterModule = "\(.*\)"/\1/p' e2e/statsd_test.go); \
	  $(GO) mod download "$$module" >/dev/null 2>&1 || \
	    echo "LEFT OUT: the tests that need $$module, which Go cannot download"

.PHONY: test-exporter
test-exporter: # The module of the exporter: first what waits for other programs, which takes longest.
	$(GO) test -vet=all -parallel $(PARALLEL) -timeout 20m ./e2e ./...

.PHONY: test-oncall
test-oncall: # Incidents in simulated time, which can wait for what is in real time.
	ONCALL_FILES="$$(cat dashboards/rules/*.yml dashboards/*.yml README.md docs/*.md | cksum)" && export ONCALL_FILES && \
	  cd dashboards/oncall && nice $(GO) test -vet=all -timeout 20m ./...

.PHONY: manifests
manifests: ## Check the manifests for Kubernetes and the Helm chart, without a cluster.
	@# Go does not see that a file outside of the module has changed: -count=1.
	cd deploy/check && nice $(GO) test -vet=all -count=1 -timeout 20m ./...

.PHONY: race
race: ## Run the tests with the race detector, except those that wait for other programs (needs a C compiler).
	$(GO) test -race -parallel $(PARALLEL) -timeout 20m $$($(GO) list ./... | grep -v -e '/dashboards$$' -e '/e2e$$' -e '/config$$' -e '/pipeline$$')
	$(GO) test -race -parallel $(PARALLEL) -timeout 20m -run '^Test(Capture|DemoShows|Notify|Stops)' ./e2e
	@echo "LEFT OUT, and run by make test: tests of e2e and dashboards that wait for other programs, and dashboards/oncall, whose simulated hours take too long with the race detector"
	@echo "LEFT OUT, and run by make test: config and pipeline, which have no goroutines (go test ./house holds them to it)"
	@echo "LEFT OUT, and run by make test: most cases that differ in their data alone (bubble.UnderRace)"

.PHONY: soak
SOAK_TIME ?= 20m
SOAK_SEED ?= 0
SOAK_SCRAPES ?= 5000
soak: ## Run the exporter under attack: SOAK_SCRAPES (5000) with mutated answers, then SOAK_TIME (20m) of faults, hostile peers and clients, reloads and restarts.
	$(GO) test -run '^TestMutatedAnswers$$' -timeout 2h ./server -args -mutated.scrapes=$(SOAK_SCRAPES) -mutated.seed=$(SOAK_SEED)
	$(GO) test -tags soak -run '^TestSoak$$' -timeout 2h -v ./e2e -args -soak.duration=$(SOAK_TIME) -soak.seed=$(SOAK_SEED)

.PHONY: clients
# Without the discovery of targets in clouds, whose libraries take longer to compile than all the rest.
CLIENTS_TAGS := -tags=remove_all_sd
clients: ## Scrape the demo with Prometheus 2 and 3, VictoriaMetrics, the OpenTelemetry Collector and telegraf, and compare what arrives (long; needs the module proxy, Prometheus, VictoriaMetrics).
	@for program in prometheus:prometheus victoria-metrics:victoria-metrics; do \
	  command -v $${program%%:*} >/dev/null || \
	    echo "LEFT OUT: the clients that need $${program%%:*}, which is not installed (package $${program##*:})"; \
	done
	@cd e2e/clients && ($(GO) list $(CLIENTS_TAGS) -deps -test . && cd prometheus3 && $(GO) list $(CLIENTS_TAGS) -deps tool) >/dev/null || { \
	  echo "LEFT OUT: Go cannot download the modules of the clients; NO client was tried"; \
	  [ -z "$$CI" ]; exit; \
	}; \
	$(GO) vet $(CLIENTS_TAGS) . && $(GO) test $(CLIENTS_TAGS) -count=1 -timeout 60m -v . && $(GOLANGCI_LINT) run --build-tags=remove_all_sd .

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZ_TIME.
	@set -e; for package in $$($(GO) list -f '{{.Dir}}' ./...); do \
	  for target in $$(cat /dev/null $$package/*_test.go 2>/dev/null | sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p'); do \
	    code=0; said=$$($(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_TIME) -fuzzminimizetime 1x $$package 2>&1) || code=$$?; \
	    echo "$$said"; \
	    case "$$code:$$said" in \
	      0:*) ;; \
	      *"Failing input"*) exit $$code;; \
	      *"context deadline exceeded"*) echo "($$target: Go ended while it tried an input, and found nothing)";; \
	      *) exit $$code;; \
	    esac; \
	  done; \
	done

.PHONY: golden
golden: ## Rewrite the golden files; review the diff as carefully as code.
	$(GO) test ./config ./collector ./pipeline ./server ./status -update
	$(GO) test ./dashboards -run '^Test(Migration|Muted)$$' -update
	$(GO) test ./deploy -update

.PHONY: schema
schema: ## Check the dashboards against Grafana's own types (needs npm and network).
	mkdir -p dist/schema
	cp dashboards/schema/* dist/schema
	cd dist/schema && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	node dist/schema/check.mjs dashboards/*.json

.PHONY: preview
preview: ## Draw DASHBOARDS in LOOKS (all) into dist/preview, with Grafana's components and the demo's data (needs npm, network, chromium, Prometheus).
	@for program in npm:npm chromium:chromium prometheus:prometheus; do \
	  command -v $${program%%:*} >/dev/null && continue; \
	  echo "LEFT OUT: $${program%%:*} is not installed (package $${program##*:}); the dashboards were NOT drawn"; \
	  [ -z "$$CI" ]; exit; \
	done; \
	PREVIEW='$(CURDIR)/dist/preview' PREVIEW_DASHBOARDS='$(DASHBOARDS)' PREVIEW_LOOKS='$(LOOKS)' \
	  $(GO) test -count=1 -run '^TestPreview$$' ./e2e

.PHONY: pictures
pictures: ## Rewrite the pictures of the dashboards in docs (as preview).
	mkdir -p docs/dashboards
	PREVIEW_DOCS='$(CURDIR)/docs/dashboards' $(MAKE) --no-print-directory preview LOOKS=dark-1600

.PHONY: preview-page
preview-page: # The page on which dashboards are drawn, where Go does not look for packages.
	mkdir -p dist/preview/_page
	cp dashboards/preview/* dist/preview/_page
	cd dist/preview/_page && { cmp -s package-lock.json installed.json || \
	  { npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && cp package-lock.json installed.json; }; }
	cd dist/preview/_page && node_modules/.bin/esbuild main.jsx --bundle --splitting --minify --jsx=automatic \
	  --format=esm --outdir=bundle --loader:.ttf=file --log-level=warning

.PHONY: demo
demo: ## Run the exporter with --demo, Prometheus and Alertmanager until Ctrl-C (needs Prometheus).
	GO='$(GO)' demo/run

.PHONY: bench
bench: ## Measure the exporter against a simulated fleet and print a table (Linux).
	$(GO) run ./bench

.PHONY: house
house: ## Print how the files of each package use each other, and how long functions are.
	$(GO) run ./house

.PHONY: lint
lint: ## Check links, Go code for three platforms, workflows and the release, with tools that are pinned and built with Go.
	$(GO) test -count=1 ./docs
	$(GOLANGCI_LINT) config verify
	$(GOLANGCI_LINT) run ./...
	cd dashboards/oncall && $(GOLANGCI_LINT) run ./...
	cd deploy/check && $(GOLANGCI_LINT) run ./...
	GOOS=windows $(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	$(ACTIONLINT)
	$(GORELEASER) check

.PHONY: help
help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'
