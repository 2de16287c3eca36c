# Run "make help" for what there is.

GO         ?= go
BIN        := bin/dragoman
IMAGE      ?= dragoman:dev
VERSION    ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS    := -s -w -X main.version=$(VERSION)
FUZZTIME   ?= 20s
BENCHTIME  ?= 1s
# Versions of tools live here and nowhere else.
GOLANGCI   := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
LINT       := .bin/golangci-lint-v2.15.0
GRPCURL    := .bin/grpcurl

.DEFAULT_GOAL := help
.PHONY: help build image verify test lint fmt bench fuzz proto clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build the static binary bin/dragoman
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/dragoman
	@mkdir -p bin/data # stays empty: the Dockerfile copies it

image: build ## build the container image (FROM scratch, nothing is pulled)
	docker build -q -t $(IMAGE) .

verify: build ## judge the reference server in a container: all dialects, verdict, report.json
	$(BIN) verify --json report.json

test: $(GRPCURL) ## run all tests with the race detector, and prove that the judge is right
	$(GO) test -race -timeout 20m ./...
	$(GO) test -timeout 15m ./internal/conformance/zoo

lint: $(LINT) ## run the linters
	$(GO) mod verify >/dev/null
	$(LINT) run

fmt: $(LINT) ## format the code
	$(LINT) fmt

$(GRPCURL): # the lines of reports that repeat a call over gRPC are run with it
	-GOBIN=$(CURDIR)/.bin $(GO) install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3

$(LINT):
	GOBIN=$(CURDIR)/.bin $(GO) install $(GOLANGCI)
	mv .bin/golangci-lint $@

bench: ## run the benchmarks and print how they compare
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) ./... | $(GO) run ./internal/benchtable

fuzz: ## run every fuzz test for FUZZTIME (default 20s)
	@set -e; for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "== $$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

proto: ## regenerate the Go code of the .proto files (no protoc needed)
	cd internal/wire/rpcpb && $(GO) generate .

clean: ## remove what the targets above made
	rm -rf bin .bin report.json
