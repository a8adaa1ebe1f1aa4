package endtoend

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestBrokenReplicas repairs each replica of the corpus on a real server of its line that has stopped as the replica had:
// the script goes through the real client as it is, the applier goes on through the same relay logs, and the data must be
// what they were after the repair by hand that was verified then: the source's.
func TestBrokenReplicas(t *testing.T) {
	for _, group := range bySetup(openBrokenCases(t)) {
		t.Run(group[0].setup.String(), func(t *testing.T) {
			t.Parallel()
			s := startBrokenServer(t, group[0].setup)
			for _, c := range group {
				t.Run(c.name(), func(t *testing.T) { testBrokenReplica(t, s, c) })
			}
		})
	}
}

func (s brokenSetup) String() string {
	mode, appliers := "positions", "one applier"
	if s.gtid {
		mode = "GTID"
	}
	if s.workers > 1 {
		appliers = fmt.Sprint(s.workers, " appliers")
	}
	return fmt.Sprintf("%s, %s, %s", s.line, mode, appliers)
}

// bySetup puts cases that can share a server together.
func bySetup(cases []brokenCase) [][]brokenCase {
	var groups [][]brokenCase
	for _, c := range cases {
		same := func(group []brokenCase) bool { return group[0].setup == c.setup }
		if i := slices.IndexFunc(groups, same); i >= 0 {
			groups[i] = append(groups[i], c)
		} else {
			groups = append(groups, []brokenCase{c})
		}
	}
	return groups
}

func testBrokenReplica(t *testing.T, s brokenServer, c brokenCase) {
	if c.is("-minimal-") {
		testRefusal(t, c)
		return
	}
	s.takeOver(t, c)
	drifted := s.contents(t)
	s.repair(t, c)
	repaired := s.contents(t)
	want := s.wantContents(t, c)
	extra, missing := without(repaired, want), without(want, repaired)
	if c.is("-nokey-upd-differs") {
		// The log can't tell which row of a table without keys has drifted: it stays.
		if len(extra) != 1 || !slices.Contains(drifted, extra[0]) {
			t.Errorf("want the one row that has drifted left over, got %q", extra)
		}
		extra = nil
	}
	if len(extra)+len(missing) > 0 {
		t.Errorf("the replica's data after the script\nhave rows that they should not have:\n%s\nlack:\n%s",
			strings.Join(extra, "\n"), strings.Join(missing, "\n"))
	}
}

// repair runs the script of "binmend fix", and again for each further transaction of the logs that fails, until the applier
// has applied them all. A script that is run twice ends at its guard, or says that it must not be.
func (s brokenServer) repair(t *testing.T, c brokenCase) {
	t.Helper()
	status := c.status
	for range c.failures() {
		run := c.fixStatus(t, status)
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("the script:\n%s", run.script)
			}
		})
		if run.exit != 0 || run.stderr != "" {
			t.Fatalf("fix: want exit code 0 and nothing on standard error, got %d and:\n%s", run.exit, run.stderr)
		}
		testKeyless(t, c, run.script)
		if stdout, err := s.Exec(run.script); err != nil || stdout != "" {
			t.Fatalf("the script: %v\n%s", err, stdout)
		}
		if s.settle(t, c) {
			s.runAgain(t, run.script)
			return
		}
		status = s.status(t)
	}
	t.Fatalf("the script was not enough:\n%s", status)
}

// runAgain runs a script that has done its work. A MySQL 5.6, or a MariaDB whose source is MySQL, can't be asked for that without
// GTIDs, and not every repair can be seen in the data: then the script says that it is for one run.
func (s brokenServer) runAgain(t *testing.T, script string) {
	t.Helper()
	if strings.Contains(joined(script), "Run the script once") {
		if strings.Contains(script, "\n-- GTID:") || s.setup.line.Flavor == servers.MySQL && s.setup.line != servers.MySQL56 {
			t.Errorf("the script is for one run, but %s can be asked whether it has applied the transaction", s.setup)
		}
		return
	}
	if _, err := s.Exec(script); !isGuard(err) {
		t.Errorf("the script's second run: want it to end at a guard, got %v", err)
	}
}

// failures is how many of the case's transactions fail, one after the other.
func (c brokenCase) failures() int {
	if c.isCross() {
		return 2
	}
	return 1
}

// wantContents are the source's data or, where the corpus lacks them, those after the repair by hand.
func (s brokenServer) wantContents(t *testing.T, c brokenCase) []string {
	t.Helper()
	if !strings.Contains(c.read(t, "verify.txt"), "equal") {
		t.Fatal("verify.txt: the repair by hand was not verified")
	}
	if strings.Contains(c.read(t, "source-data.sql"), "INSERT INTO") {
		return s.sourceContents(t, c)
	}
	s.takeOver(t, c)
	s.MustExec(t, c.read(t, "3-repair-replica.sql"))
	if !s.settle(t, c) {
		t.Fatalf("the repair by hand was not enough:\n%s", s.status(t))
	}
	return s.contents(t)
}

// testKeyless: at the statement for a row without a key, the script says what it can't do.
func testKeyless(t *testing.T, c brokenCase, script string) {
	t.Helper()
	remark := regexp.MustCompile("(?m)^-- .*an unequal one may remain\nREPLACE INTO `shop`.`t_nokey` ")
	if c.is("-nokey-") != remark.MatchString(script) {
		t.Errorf("a remark about rows that may remain: want %t", c.is("-nokey-"))
	}
}

// testRefusal: the row that the transaction needs can't be rebuilt out of a MINIMAL row image. The script says which row
// that is and how to read it on the source; it has nothing to run.
func testRefusal(t *testing.T, c brokenCase) {
	run := c.fixStatus(t, c.status)
	if run.exit != 1 {
		t.Errorf("fix: want exit code 1, got %d", run.exit)
	}
	if !strings.Contains(run.stderr, "1 row can't be rebuilt from the log: shop.t_mix id = 10;") {
		t.Errorf("fix: want the row named on standard error, got:\n%s", run.stderr)
	}
	if found := statements(run.script); len(found) > 0 {
		t.Errorf("want no statement to run, got %q", found)
	}
	script := strings.ReplaceAll(run.script, "\n--   ", " ") // RISK lines on one line each
	for _, want := range []string{
		"(?m)^-- Rows that can't be rebuilt from the log",
		`(?m)^-- RISK: shop\.t_mix: the log does not hold amt, .* of the row that relay-bin\.\d+:\d+ \(Update_rows(_v1)?\), row 1 needs\.`,
		"(?m) SELECT `id`, `name`, .* FROM `shop`.`t_mix` WHERE `id` = 10;$",
	} {
		if !regexp.MustCompile(want).MatchString(script) {
			t.Errorf("the script doesn't have %s", want)
		}
	}
	if t.Failed() {
		t.Logf("the script:\n%s", run.script)
	}
}

// TestBrokenReplicasFromSource asks for the same repairs with the source's log, where a transaction has other offsets and
// lies between others: by GTID where it has one, else by its place in the log.
func TestBrokenReplicasFromSource(t *testing.T) {
	for _, c := range openBrokenCases(t) {
		t.Run(c.name(), func(t *testing.T) {
			relay := c.fixStatus(t, c.status)
			flags := []string{"--start-position", pasted(t, c.status, "Exec_(?:Source|Master)_Log_Pos")}
			if m := regexp.MustCompile(`(?m)^-- GTID: +(\S+)$`).FindStringSubmatch(relay.script); m != nil {
				flags = []string{"--gtid", m[1]}
			}
			source := c.fixSource(t, append(flags, "--replica-version", c.setup.line.Series+"0")...)
			if source.exit != relay.exit || source.stderr != relay.stderr {
				t.Errorf("exit code %d, with the relay log %d; standard error:\n%s", source.exit, relay.exit, source.stderr)
			}
			if !slices.Equal(repairs(source.script), repairs(relay.script)) {
				t.Errorf("%v\nout of the relay log:\n%s\nout of the source's log:\n%s", flags, relay.script, source.script)
			}
		})
	}
}
