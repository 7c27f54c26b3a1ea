# The two commands to know are `make demo` and `make test`.

CARGO ?= cargo
TARGET = $(or $(CARGO_TARGET_DIR),target)
MEDIA = examples/media

.DEFAULT_GOAL := help
.PHONY: help demo test chaos load build lint bench setup testsetup media clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup media ## install dependencies, build without the service, generate sample media, render examples/show.vidc
	$(CARGO) build --release --locked -p vidc-api --no-default-features
	$(TARGET)/release/vidc render examples/show.vidc -o out
	@echo
	@echo "The video: $(CURDIR)/out/show.mp4"

test: lint media ## install dependencies, check formatting and lints, run every test
	scripts/with-services.sh $(CARGO) nextest run --workspace --locked --no-fail-fast

chaos: testsetup media ## inject failures around the service for five minutes, and verify that no task was lost
	VIDC_CHAOS_SECONDS=300 scripts/with-services.sh $(CARGO) nextest run --locked -p vidc-tests --no-capture service::chaos::

load: testsetup media ## measure the service with a hundred clients and files of 1 GiB
	VIDC_LOAD_MEGABYTES=1024 scripts/with-services.sh $(CARGO) nextest run --locked --cargo-profile release -p vidc-tests --no-capture \
		--run-ignored all service::load::
	scripts/with-services.sh $(CARGO) nextest run --locked --cargo-profile release -p vidc-service --no-capture \
		--run-ignored only claims_take

build: ## build target/release/vidc, including the service
	$(CARGO) build --release --locked -p vidc-api

lint: testsetup ## check formatting and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

bench: build media ## measure compiling and rendering, and update the tables of docs/src/performance.md
	@scripts/setup.sh bench
	@scripts/bench.sh $(TARGET)/release/vidc
	@python3 benches/run.py $(TARGET)/release/vidc --peers $(TARGET)/peers --write docs/src/performance.md

media: setup ## generate the sample media
	@scripts/media.sh $(MEDIA)

setup:
	@scripts/setup.sh

testsetup:
	@scripts/setup.sh test

clean: ## remove rendered files and the sample media
	rm -rf out $(MEDIA) examples/out
