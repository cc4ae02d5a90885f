# `make demo` shows the main job at work; `make test` proves it. Both install what is missing first.
.POSIX:
.PHONY: demo test packages

demo: packages
	@echo "building: the first time about 9 minutes on 2 cores, as all libraries are built; later seconds"
	swift build -c release
	.build/release/progressctl demo

# One test at a time: on 2 cores, tests that only compute would keep those that wait for sockets and
# for PostgreSQL from their time.
test: packages
	swift build --build-tests
	swift test --skip-build --no-parallel --disable-xctest

packages:
	.ci/install-packages
