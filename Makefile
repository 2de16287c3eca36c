# Run "make help" for what there is.

GO         ?= go
BIN        := bin/dragoman
IMAGE      ?= dragoman:dev
VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS    := -s -w -X main.version=$(VERSION)
FUZZTIME   ?= 20s
BENCHTIME  ?= 1s
BENCHCOUNT ?= 1
PACKAGES   ?= ./...
SLOW       ?= 0s
ROUNDS     ?= 0
RACE       ?=
# Versions of tools live here and nowhere else.
GOLANGCI   := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
LINT       := .bin/golangci-lint-v2.15.0
GRPCURL    := github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3
GRPC_CLI   := .bin/grpcurl-v1.9.3
NFPM       := github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2
NFPM_CLI   := .bin/nfpm-v2.45.2
APIDIFF    := golang.org/x/exp/cmd/apidiff@v0.0.0-20261113113407-e3970619a1a4
API_CLI    := .bin/apidiff-v0.0.0-20261113113407
VULNCHECK  := golang.org/x/vuln/cmd/govulncheck@v1.9.0
VULN_CLI   := .bin/govulncheck-v1.9.0

ifndef HOME
$(error HOME is not set, and Go keeps its caches below it; set it to a folder, an empty one will do)
endif

# One set of flags for all that is built, tested and linted, so that nothing is
# compiled twice. The race detector alone needs another.
export GOFLAGS := $(strip $(shell $(GO) env GOFLAGS) -trimpath)
export CGO_ENABLED := 0

.DEFAULT_GOAL := help
.PHONY: help build image verify test race stress tools api vuln lint fmt bench fuzz proto rehearse release clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build the static binary bin/dragoman
	$(GO) build -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/dragoman
	@mkdir -p bin/data # stays empty: the Dockerfile copies it

image: build ## build the container image (FROM scratch, nothing is pulled)
	docker build -q -t $(IMAGE) .

verify: build ## judge the reference server in a container: all dialects, verdict, report.json
	$(BIN) verify --json report.json

TESTRUN := $(GO) build -o .bin/testrun ./internal/testrun && .bin/testrun -slow $(SLOW)

test: ## run all tests, or those of PACKAGES; SLOW=3s lists what takes longer
	$(TESTRUN) -name test $(GO) test -json -timeout 20m $(PACKAGES)

race: ## run them with the race detector, which needs a C compiler
	$(TESTRUN) -name race env CGO_ENABLED=1 $(GO) test -json -race -timeout 20m $(PACKAGES)

stress: ## run them over and over on a busy machine; ROUNDS, PACKAGES, RACE=1
	$(GO) build -o .bin/stress ./internal/stress
	$(if $(RACE),CGO_ENABLED=1 ).bin/stress -rounds $(ROUNDS) $(if $(RACE),-race) $(PACKAGES)

tools: $(GRPC_CLI) $(NFPM_CLI) $(API_CLI) $(VULN_CLI) ## install what tests need beyond Go; Debian packages need root
	.ci/tools

api: $(API_CLI) ## fail where the public API breaks what the last tag promises
	$(GO) run ./internal/gates api -apidiff $(API_CLI)

vuln: $(VULN_CLI) ## fail where code with a known vulnerability is called; needs the network
	$(GO) run ./internal/gates vuln -govulncheck $(VULN_CLI)

lint: $(LINT) ## run the linters
	$(GO) mod verify >/dev/null
	$(LINT) run

fmt: $(LINT) ## format the code
	$(LINT) fmt

$(GRPC_CLI): # the tests look for .bin/grpcurl
	GOBIN=$(CURDIR)/.bin $(GO) install $(GRPCURL)
	mv .bin/grpcurl $@
	ln -sf $(notdir $@) .bin/grpcurl

$(NFPM_CLI): # the tests look for .bin/nfpm
	GOBIN=$(CURDIR)/.bin $(GO) install $(NFPM)
	mv .bin/nfpm $@
	ln -sf $(notdir $@) .bin/nfpm

$(API_CLI): # the tests look for .bin/apidiff
	GOBIN=$(CURDIR)/.bin $(GO) install $(APIDIFF)
	mv .bin/apidiff $@
	ln -sf $(notdir $@) .bin/apidiff

$(VULN_CLI): # the tests look for .bin/govulncheck
	GOBIN=$(CURDIR)/.bin $(GO) install $(VULNCHECK)
	mv .bin/govulncheck $@
	ln -sf $(notdir $@) .bin/govulncheck

$(LINT):
	GOBIN=$(CURDIR)/.bin $(GO) install $(GOLANGCI)
	mv .bin/golangci-lint $@

bench: ## run the benchmarks and print how they compare; BENCHCOUNT=5 takes medians
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -count $(BENCHCOUNT) $(PACKAGES) | $(GO) run ./internal/benchtable

fuzz: ## run every fuzz test for FUZZTIME (default 20s)
	@set -e; for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "== $$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

proto: ## regenerate the Go code of the .proto files (no protoc needed)
	cd internal/wire/rpcpb && $(GO) generate .

rehearse: $(NFPM_CLI) ## make a release of what is committed twice, compare and verify it, and keep nothing
	$(GO) run ./internal/release -rehearse -nfpm $(NFPM_CLI)

release: $(NFPM_CLI) ## make the files of a release in dist, signed with KEY=FILE; HEAD has to have a tag
	$(GO) run ./internal/release -version "$$(git describe --tags --exact-match --dirty)" -commit "$$(git rev-parse HEAD)" -epoch "$$(git log -1 --format=%ct)" \
		-nfpm $(NFPM_CLI) -key '$(KEY)' -out dist

clean: ## remove what the targets above made
	rm -rf bin .bin dist report.json
