# Writ: the commands of the house. `make` alone prints them.
#
# `make test` is exactly what CI runs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Targets share one build directory and two cores: one after the other.
.NOTPARALLEL:

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
# Arguments of `make bench`, as BENCH=--quick.
BENCH ?=
# How many random cases `make differential` compares, and where they start.
CASES ?= 100000
SEED ?= 1
# Which decoder `make fuzz` tries, and for how long.
TARGET ?= all
SECONDS ?= 60
# The release links the Swift runtime statically: the installed files need nothing of the toolchain.
RELEASE := $(SWIFT) build --configuration release --static-swift-stdlib
RELEASE_BIN := .build/release
# The demo takes a third of the time to build without optimisation, and its work serves `make test`. Linked statically,
# too:
# the demo's users need not be able to read the toolchain.
DEMO := $(SWIFT) build --static-swift-stdlib

.PHONY: help bootstrap test demo bench bench-cedar coverage differential fuzz lint format release install clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

bootstrap: ## install what is missing (Debian packages), check the Swift version
	@scripts/bootstrap

test: bootstrap lint ## build, all tests, lint: what CI runs
	@scripts/test

demo: bootstrap ## the story that this product exists for, on real parts, in under a minute after the build
	@$(DEMO) --product writ
	@$(DEMO) --product writ-verify
	@scripts/demo .build/debug

bench: bootstrap release ## measure this machine: a table, and JSON
	@$(RELEASE_BIN)/writ-bench $(BENCH)

conformance: bootstrap ## Cedar against the public conformance data: a table of counts, compared with the checked-in one
	@scripts/conformance

bench-cedar: bootstrap ## measure the policy engine beside the reference engine on the same data: a table, and JSON
	@$(SWIFT) build --configuration release --static-swift-stdlib --product cedar-bench
	@scripts/bench-cedar $(BENCH)

coverage: bootstrap ## how much of the Cedar library its tests reach; fails below 95 % of the lines
	@scripts/coverage

differential: bootstrap ## Cedar against the reference engine on 100,000 random cases (CASES=, SEED=)
	@scripts/cedar-differential $(CASES) $(SEED)

fuzz: bootstrap ## libFuzzer on every decoder, or TARGET=, for SECONDS= each (60)
	@scripts/fuzz $(TARGET) $(SECONDS)

lint: ## swift format, strict
	@scripts/lint

format: ## rewrite the sources in the house format
	@$(SWIFT) format --in-place --parallel --recursive --configuration .swift-format \
	  Sources Tests Benchmarks Fuzz Package.swift

release: ## build the release binaries
	$(RELEASE) --product writ
	$(RELEASE) --product writ-verify
	$(RELEASE) --product writ-bench

install: bootstrap ## build, strip and install writ and writ-verify below PREFIX (default /usr/local)
	$(RELEASE) --product writ
	$(RELEASE) --product writ-verify
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 0755 -s "$(RELEASE_BIN)/writ" "$(RELEASE_BIN)/writ-verify" "$(DESTDIR)$(PREFIX)/bin"

clean: ## remove everything that was built
	rm -rf .build
