# oO: the commands of this repository. Each one installs what it needs first.
#   OO_ADDR, OO_DATA    where `make run` listens and keeps its file
#   OO_STAGES="a b"     only these stages of `make test`
#   MINUTES, TARGETS    how long `make fuzz` runs each target, and which

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test ready generate bench bench-peers test-peers test-long test-crash fuzz clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build everything and serve the page on 127.0.0.1:8080
	@scripts/run.sh

ready: ## the quick checks, before a commit
	@scripts/ready.sh

test: ## everything that must hold before a change lands
	@scripts/test.sh

test-long: ## licences, semver, the long forms of the tests, a minute of every fuzz target, test-peers
	@scripts/long.sh

test-crash: ## the crash tests in their long form
	@scripts/crash.sh

fuzz: ## every fuzz target for MINUTES, 10 if nothing is said; TARGETS="http" only these
	@scripts/fuzz.sh

bench: ## measure every figure, write benches/results/bench.json
	@scripts/bench.sh

bench-peers: ## measure oO beside the libraries one would pick instead, about 25 min; needs a quiet machine
	@scripts/bench-peers.sh

test-peers: ## the same for a moment: does every library still run?
	@scripts/bench-peers.sh --short

generate: ## rewrite openapi.json and the types of the page, Python and Node
	@scripts/generate.sh

clean: ## remove what was built and installed in this folder; data stays
	@rm -rf target .bootstrap .venv test-artifacts oo-server/web/dist
	@find . -name node_modules -type d -prune -exec rm -rf {} +
