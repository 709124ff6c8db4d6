# libnn and nnrepl. "make help" lists the targets.

SWIFT ?= swift
CC ?= cc
CLANG ?= clang
FUZZ_SECONDS ?= 60
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
# Where Lua looks for modules written in C: package.cpath.
LUACDIR ?= $(LIBDIR)/lua/5.4
DESTDIR ?=
PEERS ?= jax
WORKLOADS ?= W1

# One version, the header's: NN_VERSION_MAJOR, NN_VERSION_MINOR, NN_VERSION_PATCH.
version_part = $(shell sed -n 's/^[ ]*\#[ ]*define NN_VERSION_$(1) *\([0-9][0-9]*\).*/\1/p' include/nn.h)
VERSION := $(call version_part,MAJOR).$(call version_part,MINOR).$(call version_part,PATCH)
SONAME := libnn.so.$(call version_part,MAJOR)
LIBRARY := libnn.so.$(VERSION)

# Both products come from one release build with the Swift runtime inside; "swift build" and "swift test" use .build.
RELEASE := .build-release
RELEASE_FLAGS := -c release --scratch-path $(RELEASE) --traits default,Standalone --static-swift-stdlib

# Debian packages, and who needs them. README.md gives the reasons.
PACKAGES_BUILD := gcc g++ pkg-config liblua5.4-dev libreadline-dev zlib1g-dev
# What Swift's own programs are linked with, when Swift is there but cannot start.
PACKAGES_SWIFT := $(shell command -v '$(SWIFT)' >/dev/null && ! '$(SWIFT)' --version >/dev/null 2>&1 && \
  echo libcurl4 libedit2 libncurses6 libsqlite3-0 libxml2)
PACKAGES_DATA := dataset-fashion-mnist
# What is opened when the first file of their kind is: HDF5, zip archives.
PACKAGES_FILES := libhdf5-103-1 libzip4
PACKAGES_TEST := binutils gnuplot-nox lua5.4 tmux valgrind qemu-user python3-venv
PACKAGES_BENCH := python3-venv

.DEFAULT_GOAL := build
.PHONY: help build demo test sanitize lint fuzz bench bench-files bench-peers bench-components docs install uninstall clean \
  packages check-swift

help: ## this list
	@echo 'make [target] [SWIFT=/path/to/swift] [PREFIX=/usr/local] [DESTDIR=]'
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

build: check-swift ## build/nnrepl, build/libnn.so and build/nn.so, the Lua module (the default)
	@Tests/support/packages.sh check $(PACKAGES_BUILD)
	$(SWIFT) build $(RELEASE_FLAGS) --product nnrepl
	$(SWIFT) build $(RELEASE_FLAGS) --product nn
	$(SWIFT) build $(RELEASE_FLAGS) --product nnlua
	@mkdir -p build
	@strip --strip-unneeded -o build/nnrepl $(RELEASE)/release/nnrepl
	@rm -f build/libnn.so*
	@strip --strip-unneeded -o build/$(LIBRARY) $(RELEASE)/release/libnn.so
	@strip --strip-unneeded -o build/nn.so $(RELEASE)/release/libnnlua.so
	@chmod 644 build/$(LIBRARY) build/nn.so
	@ln -s $(LIBRARY) build/$(SONAME)
	@ln -s $(SONAME) build/libnn.so

demo: packages build ## install what is missing, build, train the book's first network on Fashion-MNIST
	build/nnrepl examples/lua/fashion_mnist.lua
	@echo
	@echo 'Next:'
	@echo '  build/nnrepl                 the prompt: try nn.layers.Dense(10); Ctrl-D leaves'
	@echo '  examples/lua, examples/c     programs to read and to change'
	@echo '  make test                    everything that is checked'
	@echo '  sudo make install            nnrepl, libnn.so, nn.h, nn.pc and the Lua module under $(PREFIX)'

test: packages build ## every test: Swift, Lua, C, the library's outside
	@SWIFT='$(SWIFT)' CC='$(CC)' RELEASE='$(RELEASE)' bash Tests/run.sh

sanitize: packages build ## the Lua scripts of the tests under valgrind and with the address sanitizer (a quarter of an hour)
	@SWIFT='$(SWIFT)' bash Tests/checks/sanitize.sh

lint: check-swift ## formatting of the Swift code, and rules that need no build
	$(SWIFT) format lint --strict --recursive --configuration .swift-format Package.swift Sources Tests
	@bash Tests/checks/lint.sh

fuzz: build ## look for model files that crash the library (FUZZ_SECONDS=60; needs clang's libFuzzer)
	@CLANG='$(CLANG)' SECONDS_EACH='$(FUZZ_SECONDS)' bash Tests/fuzz/run.sh

bench-files: PACKAGES_EXTRA := $(PACKAGES_BENCH)
bench-files: packages build ## saving and loading 100 MB against the disk's own rate
	python3 bench/model_files.py build/nnrepl

bench: PACKAGES_EXTRA := $(PACKAGES_BENCH)
bench: packages build ## time the workloads of bench/README.md (WORKLOADS=W1,W3)
	python3 bench/run.py --workloads $(WORKLOADS)

bench-peers: PACKAGES_EXTRA := $(PACKAGES_BENCH)
bench-peers: packages build ## the same, side by side with other libraries (PEERS=jax,torch,keras)
	python3 bench/run.py --workloads $(WORKLOADS) --peers $(PEERS)

bench-components: check-swift ## each activation and optimizer against the time that its memory traffic takes
	NN_BENCH=1 $(SWIFT) test -c release -Xswiftc -enable-testing --scratch-path .build-bench --filter ComponentBenchmark

docs: check-swift ## reference of the Swift modules, as a web site in build/docs
	@SWIFT='$(SWIFT)' bash docs/build.sh build/docs

install: ## copy what "make build" made to PREFIX (DESTDIR is put in front, for packagers)
	@test -x build/nnrepl -a -f build/$(LIBRARY) -a -f build/nn.so || { echo 'error: nothing is built yet; run "make build" first' >&2; exit 1; }
	install -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(LIBDIR)/pkgconfig' '$(DESTDIR)$(INCLUDEDIR)' '$(DESTDIR)$(LUACDIR)'
	install -m 755 build/nnrepl '$(DESTDIR)$(BINDIR)/nnrepl'
	install -m 644 build/$(LIBRARY) '$(DESTDIR)$(LIBDIR)/$(LIBRARY)'
	ln -sf $(LIBRARY) '$(DESTDIR)$(LIBDIR)/$(SONAME)'
	ln -sf $(SONAME) '$(DESTDIR)$(LIBDIR)/libnn.so'
	install -m 644 build/nn.so '$(DESTDIR)$(LUACDIR)/nn.so'
	install -m 644 include/nn.h '$(DESTDIR)$(INCLUDEDIR)/nn.h'
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
	  -e 's|@VERSION@|$(VERSION)|' include/nn.pc.in > '$(DESTDIR)$(LIBDIR)/pkgconfig/nn.pc'
	@if [ -z '$(DESTDIR)' ] && [ "$$(id -u)" = 0 ]; then ldconfig; fi

uninstall: ## remove what "make install" put there
	rm -f '$(DESTDIR)$(BINDIR)/nnrepl' '$(DESTDIR)$(LIBDIR)/pkgconfig/nn.pc' '$(DESTDIR)$(INCLUDEDIR)/nn.h'
	rm -f '$(DESTDIR)$(LUACDIR)/nn.so'
	rm -f '$(DESTDIR)$(LIBDIR)/$(LIBRARY)' '$(DESTDIR)$(LIBDIR)/$(SONAME)' '$(DESTDIR)$(LIBDIR)/libnn.so'

clean: ## remove everything that was built
	rm -rf .build .build-asan .build-bench .build-docs $(RELEASE) build

packages: ## install the Debian packages that are missing (with sudo, unless root)
	@Tests/support/packages.sh install $(PACKAGES_BUILD) $(PACKAGES_SWIFT) $(PACKAGES_FILES) $(PACKAGES_DATA) $(PACKAGES_TEST) $(PACKAGES_EXTRA)

check-swift:
	@found=$$('$(SWIFT)' --version 2>&1 | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p'); \
	lowest=$$(printf '%s\n' "$${found:-0}" 6.3 | sort -V | head -n 1); \
	if [ "$$lowest" != 6.3 ]; then \
	  echo "error: Swift 6.3 or newer is needed ($(SWIFT): $${found:-$$('$(SWIFT)' --version 2>&1 | head -n 1)}); get it from https://www.swift.org/install/linux and put it in PATH, or say make SWIFT=/path/to/swift" >&2; \
	  exit 1; \
	fi
