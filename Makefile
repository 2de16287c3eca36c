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
# The versions of tools stand in .ci/gotools/go.mod, and nowhere else.
LINT       := .bin/golangci-lint
NFPM       := .bin/nfpm
# One package more at a time than there are cores, and twice as many tests in each:
# some wait for a database, a container or a moment.
CORES      := $(shell getconf _NPROCESSORS_ONLN)
WIDE       := -p $(shell expr $(CORES) + 1) -parallel $(shell expr $(CORES) '*' 2)

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

# Goroutines begin with as much stack as others needed, a tenth less work for the zoo, and
# memory is collected when it has grown to the fourfold, an eighth less for most others.
TESTRUN := $(GO) build -o .bin/testrun ./internal/testrun && GODEBUG=adaptivestackstart=1 GOGC=300 .bin/testrun -slow $(SLOW)

test: ## run all tests, or those of PACKAGES; SLOW=3s lists what takes longer
	$(TESTRUN) -name test $(GO) test $(WIDE) -json -timeout 20m $(PACKAGES)

race: ## run them with the race detector, which needs a C compiler
	$(TESTRUN) -name race env CGO_ENABLED=1 $(GO) test $(WIDE) -json -race -timeout 20m $(PACKAGES)

stress: ## run them over and over on a busy machine; ROUNDS, PACKAGES, RACE=1
	$(GO) build -o .bin/stress ./internal/stress
	$(if $(RACE),CGO_ENABLED=1 ).bin/stress -rounds $(ROUNDS) $(if $(RACE),-race) $(PACKAGES)

tools: .bin/grpcurl $(NFPM) .bin/apidiff .bin/govulncheck ## install what tests need beyond Go; Debian packages need root
	.ci/tools

api: .bin/apidiff ## fail where the public API breaks what the last tag promises
	$(GO) run ./internal/gates api -apidiff .bin/apidiff

vuln: .bin/govulncheck ## fail where code with a known vulnerability is called; needs the network
	$(GO) run ./internal/gates vuln -govulncheck .bin/govulncheck

lint: $(LINT) ## run the linters
	$(GO) mod verify >/dev/null
	$(LINT) run

fmt: $(LINT) ## format the code
	$(LINT) fmt

.bin/%: .ci/gotools/go.mod .ci/gotools/go.sum # the tests look here for grpcurl, nfpm and apidiff
	cd .ci/gotools && $(GO) build -o $(CURDIR)/$@ $$($(GO) list tool | grep '/$*$$')
	@touch $@

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

rehearse: $(NFPM) ## make a release of what is committed twice, compare and verify it, and keep nothing
	$(GO) run ./internal/release -rehearse -nfpm $(NFPM)

release: $(NFPM) ## make the files of a release in dist, signed with KEY=FILE; HEAD has to have a tag
	$(GO) run ./internal/release -version "$$(git describe --tags --exact-match --dirty)" -commit "$$(git rev-parse HEAD)" -epoch "$$(git log -1 --format=%ct)" \
		-nfpm $(NFPM) -key '$(KEY)' -out dist

clean: ## remove what the targets above made
	rm -rf bin .bin dist report.json
