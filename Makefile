# Needs Python 3.11 to 3.13 and nothing else; another one by name: make run PYTHON=python3.12
PYTHON ?= python3
BIN = .venv/bin
NODE = $(BIN)/node
UV = uv==0.13.9
# The files in the order of `testpaths`: the longest tests are not among the last.
PARALLEL = --numprocesses 2 --dist loadfile --no-loadscope-reorder

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

run: .venv/run.stamp ## make the environment, if there is none, and open the app
	$(BIN)/streamlit run app.py --server.address=localhost

public: .venv/run.stamp ## start the app for a class or the internet (docs/deployment.md)
	$(BIN)/streamlit run app.py --server.headless=true --server.address=0.0.0.0 $(OPTIONS)

test: .venv/dev.stamp node_modules/.package-lock.json ## lint, check the types and run the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(NODE) node_modules/.bin/tsc
	$(NODE) node_modules/.bin/biome ci
	$(BIN)/python -m pytest $(PARALLEL)

test-browsers: .venv/dev.stamp ## open the app in Firefox and WebKit, where they are installed
	$(BIN)/python -m pytest -rs tests/browsers

space: ## assemble a Space of Hugging Face in build/space, to be pushed (docs/deployment.md)
	rm -rf build/space && mkdir -p build/space
	git archive HEAD | tar --extract --directory build/space
	cp deploy/huggingface/README.md build/space/
	printf '*.%s filter=lfs diff=lfs merge=lfs -text\n' npz png safetensors > build/space/.gitattributes

coverage: .venv/dev.stamp ## run the tests and print which lines of vae/ they run
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PARALLEL)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: .venv/dev.stamp ## measure training, pages and visitors (docs/benchmarks.md)
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.training --presets
	$(BIN)/python -m benchmarks.app
	$(BIN)/python -m benchmarks.load

lock: ## renew the lock files from the requirements
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(PYTHON) -m venv "$$folder"; "$$folder/bin/pip" install --quiet $(UV); \
	compile() { "$$folder/bin/uv" pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" "$$@"; }; \
	compile requirements.txt --output-file requirements.lock; \
	compile requirements-dev.txt --constraints requirements.lock \
		--output-file requirements-dev.lock

.venv/run.stamp: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else \
		"VAE Lab needs Python 3.11 to 3.13. Choose one: make PYTHON=python3.12 run")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	$(BIN)/pip install --quiet --require-hashes --requirement requirements-dev.lock
	touch $@

# npm writes this file last.
node_modules/.package-lock.json: package-lock.json | .venv/dev.stamp
	$(BIN)/npm ci --ignore-scripts --no-audit --no-fund

.PHONY: help run public test test-browsers coverage bench lock
