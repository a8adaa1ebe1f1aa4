# binmend: the targets that people use. `make` alone builds.

GO       ?= go
FUZZTIME ?= 20000x

build: ## bin/binmend
	$(GO) build -trimpath -o bin/binmend ./cmd/binmend

demo: build ## print the fix script for a broken replica whose log is in the project; no server needed
	@cd fixtures/mysql-9.7/mixed && ../../../bin/binmend fix --status status.txt --schema schema.sql relay.000001 relay.000002

test: check servers ## everything: style, unit, golden, property and real-server tests
	$(GO) test ./... -timeout 30m
	$(GO) test ./emit/plan -run TestPlanLetsTransactionsApply -rapid.checks=100000 -timeout 30m

check: ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt would change: $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

servers: ## get the servers that tests start, MySQL 5.6 and 9.7, MariaDB 10.11 and 11.8, and a browser; kept in .cache
	$(GO) run ./fixtures/servers/prefetch

golden: ## write the golden scripts anew; look at the difference before you commit it
	$(GO) test ./fixtures ./emit/... ./cmd/app -update

fuzz: ## read a million damaged logs, then run every fuzzer for FUZZTIME
	$(GO) test ./decoder -run TestMutatedLogs -mutations=1000000 -timeout 30m
	@for p in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
		echo "$$p $$f"; $(GO) test $$p -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x || exit 1; done; done

bench: ## binmend and other tools on one large log; writes the log on the first run (takes minutes)
	$(GO) test ./fixtures/bench -run TestMeasure -measure -v -timeout 60m

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

.PHONY: build demo test check servers golden fuzz bench help
