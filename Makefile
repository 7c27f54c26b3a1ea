# The two commands to know are `make demo` and `make test`.

CARGO ?= cargo
TARGET = $(or $(CARGO_TARGET_DIR),target)
MEDIA = examples/media

.DEFAULT_GOAL := help
.PHONY: help demo test chaos load build lint bench setup testsetup media clean

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup media ## install what is missing, build without the service, make sample media, render examples/show.vidc
	$(CARGO) build --release --locked -p vidc-api --no-default-features
	$(TARGET)/release/vidc render examples/show.vidc -o out
	@echo
	@echo "The video: $(CURDIR)/out/show.mp4"

test: lint media ## install what is missing, check format and lints, run every test
	scripts/with-services.sh $(CARGO) nextest run --workspace --locked --no-fail-fast

chaos: testsetup media ## let everything around the service fail for five minutes, and look whether a task was lost
	VIDC_CHAOS_SECONDS=300 scripts/with-services.sh $(CARGO) nextest run --locked -p vidc-tests --no-capture service::chaos::

load: testsetup media ## measure the service under a hundred clients and with files of a gigabyte
	VIDC_LOAD_MEGABYTES=1024 scripts/with-services.sh $(CARGO) nextest run --locked --cargo-profile release -p vidc-tests --no-capture \
		--run-ignored all service::load::
	scripts/with-services.sh $(CARGO) nextest run --locked --cargo-profile release -p vidc-service --no-capture \
		--run-ignored only claims_take

build: ## build target/release/vidc, the service included
	$(CARGO) build --release --locked -p vidc-api

lint: testsetup ## check format and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

bench: build media ## measure compiling and rendering, and write the tables of docs/src/performance.md
	@scripts/setup.sh bench
	@scripts/bench.sh $(TARGET)/release/vidc
	@python3 benches/run.py $(TARGET)/release/vidc --peers $(TARGET)/peers --write docs/src/performance.md

media: setup ## make the sample media
	@scripts/media.sh $(MEDIA)

setup:
	@scripts/setup.sh

testsetup:
	@scripts/setup.sh test

clean: ## remove what was rendered and the sample media
	rm -rf out $(MEDIA) examples/out
