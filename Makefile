# Everything a person or CI does with this project. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)
# Most of a cluster test's time is waiting: two for each core keep it busy.
WORKERS ?= $(shell echo $$((2 * $(JOBS))))
ERRAND_CACHE ?= $(HOME)/.cache/errand
export ERRAND_CACHE

RIG := tests/cluster/rig/build.sh
PYTHON := $(ERRAND_CACHE)/venv/bin/python
REPORTS := $(CURDIR)/build/reports
SOURCES = $(shell git ls-files '*.cpp' '*.hpp' '*.h')
SCRIPTS = $(shell git ls-files '*.sh') .ci/run

# GoogleTest writes one report a test program, named after it.
ctest = rm -rf $(REPORTS)/$(1) && GTEST_OUTPUT=xml:$(REPORTS)/$(1)/ ctest --preset $(1) --timeout 300 --output-junit $(REPORTS)/$(1)/ctest.xml
pytest = $(PYTHON) -m pytest -q --durations=20 --junitxml=$(REPORTS)/$(1).xml

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## Install what is missing (apt packages, pytest)
	@tools/install-deps.sh

.PHONY: demo
demo: deps ## The main job, step by step, on a real Kubernetes (KEEP=1 leaves the cluster running)
	@tools/beside.sh build/rig.log $(RIG) -- $(MAKE) --no-print-directory programs
	@$(PYTHON) tests/e2e/demo.py

.PHONY: e2e
e2e: deps ## The same on the real node or not at all (root)
	@tools/beside.sh build/rig.log $(RIG) -- $(MAKE) --no-print-directory programs
	@ERRAND_NODE=real $(PYTHON) tests/e2e/demo.py

.PHONY: test
test: deps ## All tests: unit, unit under ASan and UBSan, repository, cluster
	@rm -rf $(REPORTS)
	@tools/beside.sh build/go-tools.log tools/go-tools.sh -- $(MAKE) --no-print-directory unit
	@tools/beside.sh build/asan.log 'nice -n 19 $(MAKE) --no-print-directory asan-build' -- $(MAKE) --no-print-directory repo-tests cluster-tests
	@$(MAKE) --no-print-directory asan
	@tools/summary.py $(REPORTS)

.PHONY: build
build: build/dev/build.ninja ## Build everything with its unit tests (build/dev)
	@cmake --build --preset dev -j $(JOBS)

.PHONY: programs
programs: build/dev/build.ninja ## Build the four programs only (build/dev)
	@cmake --build --preset dev -j $(JOBS) --target errand-operator errand-cainjector errand-webhook kubectl-errand

.PHONY: release
release: build/release/build.ninja ## Build what the image ships (build/release)
	@cmake --build --preset release -j $(JOBS)

.PHONY: bench
bench: deps cluster build/bench/build.ninja ## Measure speed and size (docs/performance.md)
	@cmake --build --preset bench -j $(JOBS) --target decode-bench memory-bench rules-bench rawwriter serve-constant errand-operator errand-webhook kubectl-errand
	@build/bench/tests/bench/decode-bench
	@build/bench/tests/bench/memory-bench
	@build/bench/tests/bench/rules-bench
	@$(PYTHON) tests/bench/scan.py
	@$(PYTHON) tests/bench/load.py
	@$(PYTHON) tests/bench/latency.py
	@$(PYTHON) tests/bench/serve.py

.PHONY: unit
unit: build ## Unit tests (of the states of three grants, as many as take a minute; test-faults visits them all)
	@export ERRAND_MODEL_STATES=$${ERRAND_MODEL_STATES-750000}; $(call ctest,dev)

.PHONY: asan-build
asan-build: build/asan-ubsan/build.ninja
	@cmake --build --preset asan-ubsan -j $(JOBS) --target unit-tests

.PHONY: asan
asan: asan-build ## Unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@export ERRAND_MODEL_SEEDS=60 ERRAND_MODEL_STATES=100 ERRAND_MODEL_STEPS=1000; $(call ctest,asan-ubsan)

.PHONY: tsan
tsan: build/tsan/build.ninja ## Unit tests under ThreadSanitizer
	@cmake --build --preset tsan -j $(JOBS) --target unit-tests
	@export ERRAND_MODEL_SEEDS=60 ERRAND_MODEL_STATES=100 ERRAND_MODEL_STEPS=1000; $(call ctest,tsan)

FUZZ_SECONDS ?= 60
.PHONY: test-fuzz
test-fuzz: ## Fuzz what hostile bytes reach first, FUZZ_SECONDS (60) each
	@tools/install-deps.sh --fuzz
	@cmake --preset fuzz >/dev/null && cmake --build --preset fuzz -j $(JOBS) --target fuzzers
	@for name in http review pem decode; do mkdir -p build/fuzz/corpus/$$name && build/fuzz/tests/fuzz/$${name}_fuzz -max_total_time=$(FUZZ_SECONDS) -timeout=5 -rss_limit_mb=1024 -max_len=16384 -verbosity=0 -print_final_stats=1 build/fuzz/corpus/$$name tests/fuzz/corpus/$$name || exit 1; done

.PHONY: repo-tests
repo-tests: programs ## Tests of the tree itself: layers, manifests, chart, docs; the example agent
	@tools/go-tools.sh >/dev/null
	@cd examples/agent && go test ./...
	@$(call pytest,repo) tests/repo

.PHONY: cluster-tests
cluster-tests: cluster programs ## Tests on a real API server with a hollow node, WORKERS (two a core) clusters side by side
	@tools/go-tools.sh >/dev/null
	@status=0; \
	$(call pytest,cluster) -n $(WORKERS) --dist loadfile -m "not alone" tests/cluster tests/faults || status=1; \
	$(call pytest,alone) -m alone tests/cluster tests/faults || status=1; \
	exit $$status

.PHONY: test-faults
test-faults: cluster build ## Every fault test in its whole form (an hour on two busy cores)
	@ERRAND_MODEL_STEPS=350000 build/dev/tests/unit/operator_test --gtest_brief=1 --gtest_filter='*StateSpace.*'
	@ERRAND_FAULTS=whole $(call pytest,faults) tests/faults tests/cluster/installation/test_certificates.py

.PHONY: test-differential
test-differential: cluster programs ## Webhook, policies and scan on 10,000 generated objects: equal verdicts
	@ERRAND_DIFFERENTIAL=10000 $(call pytest,differential) tests/cluster/webhook/test_differential.py

.PHONY: test-more
test-more: ## What takes long: every fault test whole, 10,000 generated objects, mutants, fuzzing (hours)
	@status=0; \
	for part in test-faults test-differential test-mutants test-fuzz; do $(MAKE) --no-print-directory $$part || status=1; done; \
	exit $$status

.PHONY: cluster
cluster: ## Build the test cluster (5 to 15 minutes the first time)
	@$(RIG) >/dev/null

build/%/build.ninja: CMakeLists.txt CMakePresets.json
	@cmake --preset $* >/dev/null

.PHONY: test-mutants
test-mutants: build ## Is every mutant of the rules and guards found by a test? (four minutes)
	@$(PYTHON) tests/mutants/run.py

.PHONY: guards
guards: ## Print again what the manifests say of the guards that the operator watches
	@$(PYTHON) tools/shipped_guards.py >operator/guards/shipped.inc.next && mv operator/guards/shipped.inc.next operator/guards/shipped.inc

.PHONY: format
format: ## Format C++ and Go sources
	@tools/install-deps.sh --lint
	@clang-format-19 -i $(SOURCES)
	@gofmt -w tests/cluster/rig tests/faults/proxy examples/agent

.PHONY: lint
lint: build/lint/build.ninja ## clang-format, clang-tidy, gofmt, go vet, shellcheck
	@tools/install-deps.sh --lint
	@clang-format-19 --dry-run -Werror $(SOURCES)
	@run-clang-tidy-19 -quiet -p build/lint -j $(JOBS) $(CURDIR)/'(core/(base|api|serve)|core/kube/(?!http/rest_transport)|operator|webhook|cli)/?' >build/tidy.log 2>&1 || { grep -E 'warning:|error:' build/tidy.log; exit 1; }
	@test -z "$$(gofmt -l tests/cluster/rig tests/faults/proxy examples/agent | tee /dev/stderr)"
	@cd examples/agent && go vet ./...
	@cd tests/faults/proxy && go vet ./...
	@shellcheck -S warning $(SCRIPTS)

.PHONY: clean
clean: ## Remove build output (caches stay in ERRAND_CACHE)
	@rm -rf build
