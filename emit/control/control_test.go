package control_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/emit/control"
	"binmend/fixtures/golden"
	"binmend/schema"
)

func mysql(major, minor, patch int) decoder.Version {
	return decoder.Version{Major: major, Minor: minor, Patch: patch}
}

func mariaDB(major, minor, patch int) decoder.Version {
	return decoder.Version{Flavor: decoder.MariaDB, Major: major, Minor: minor, Patch: patch}
}

const uuid = "135ed1fd-e555-11f1-955a-02fc00000001"

var (
	failing = control.Coordinates{File: "source-bin.000007", Pos: 498}
	next    = control.Coordinates{File: "source-bin.000007", Pos: 2164}
)

const message = "Could not execute Write_rows event on table d.t; Duplicate entry '5' for key 'PRIMARY', Error_code: 1062; " +
	"handler error HA_ERR_FOUND_DUPP_KEY; the event's master log source-bin.000007, end_log_pos 2133"

// nextLog is a replica whose source has lost the end of its log.
func nextLog(v decoder.Version, p control.Platform, channel string) control.Input {
	return control.Input{Version: v, Platform: p, Channel: channel, Receiver: true, Errno: 1236,
		Message: "Got fatal error 1236 from master when reading data from binary log: 'Client requested master to start replication from position > file size'",
		Reading: control.Coordinates{File: "mysql-bin-changelog.012340", Pos: 1219393}}
}

// TestCommands has a golden file for each kind of replica: all commands that are printed for it.
func TestCommands(t *testing.T) {
	for name, in := range map[string]control.Input{
		"mysql-5.1":                     {Version: mysql(5, 1, 73), Errno: 1062, Failing: failing, Next: next},
		"mysql-5.6-gtid":                {Version: mysql(5, 6, 24), Errno: 1032, GTID: uuid + ":4", UsesGTID: true, Failing: failing, Next: next},
		"mysql-5.7-channel":             {Version: mysql(5, 7, 44), Errno: 1062, Channel: "it's", Failing: failing, Next: next},
		"mysql-8.0.21":                  {Version: mysql(8, 0, 21), Errno: 1062, Message: message, Failing: failing, Next: next},
		"mysql-8.0.22":                  {Version: mysql(8, 0, 22), Errno: 1062, Failing: failing, Next: next},
		"mysql-8.0.23":                  {Version: mysql(8, 0, 23), Errno: 1062, Failing: failing, Next: next},
		"mysql-8.0.26":                  {Version: mysql(8, 0, 26), Errno: 1062, Failing: failing, Next: next, Workers: 4},
		"mysql-9.7-default-channel":     {Version: mysql(9, 7, 4), Errno: 1062, Channels: 2, Failing: failing, Next: next},
		"mariadb-11.8-default":          {Version: mariaDB(11, 8, 6), Errno: 1062, Channels: 2, GTID: "1-1-154", UsesGTID: true, SlavePos: "0-1-9, 1-1-153", Failing: failing, Next: next},
		"mysql-9.7-gtid-channel":        {Version: mysql(9, 7, 4), Errno: 1062, Channel: "east", GTID: uuid + ":4", UsesGTID: true, Workers: 4, Failing: failing, Next: next},
		"mysql-9.7-tagged-by-position":  {Version: mysql(9, 7, 4), Errno: 1062, GTID: uuid + ":blue:4", Failing: failing, Next: next},
		"mysql-9.7-nothing-known":       {Version: mysql(9, 7, 4)},
		"mysql-9.7-missing-table":       {Version: mysql(9, 7, 4), Errno: 1146, Failing: failing, Next: next},
		"mysql-9.7-group":               {Version: mysql(9, 7, 4), Errno: 1032, Channel: "group_replication_applier", GTID: uuid + ":4", UsesGTID: true, Failing: failing, Next: next},
		"mysql-8.0-rds":                 {Version: mysql(8, 0, 36), Errno: 1032, Platform: control.RDS, GTID: uuid + ":4", UsesGTID: true, Failing: failing, Next: next},
		"mysql-8.0-aurora-channel":      {Version: mysql(8, 0, 36), Errno: 1032, Platform: control.Aurora, Channel: "it's", Failing: failing, Next: next},
		"mysql-8.0-azure":               {Version: mysql(8, 0, 36), Errno: 1062, Platform: control.Azure, Failing: failing, Next: next},
		"mysql-8.0-azure-gtid":          {Version: mysql(8, 0, 36), Errno: 1062, Platform: control.Azure, GTID: uuid + ":4", UsesGTID: true},
		"mysql-8.0-cloudsql":            {Version: mysql(8, 0, 36), Errno: 1062, Platform: control.CloudSQL, GTID: uuid + ":4", UsesGTID: true},
		"mariadb-10.11-rds":             {Version: mariaDB(10, 11, 6), Errno: 1062, Platform: control.RDS, GTID: "0-1-154", UsesGTID: true},
		"mysql-8.0-rds-channel":         {Version: mysql(8, 0, 36), Errno: 1032, Platform: control.RDS, Channel: "it's", Failing: failing, Next: next},
		"mysql-5.7-rds-next-log":        nextLog(mysql(5, 7, 44), control.RDS, ""),
		"mysql-8.0-rds-next-log":        nextLog(mysql(8, 0, 36), control.RDS, ""),
		"mysql-8.0-rds-channel-next":    nextLog(mysql(8, 0, 36), control.RDS, "east"),
		"mysql-8.4-rds-next-log":        nextLog(mysql(8, 4, 3), control.RDS, ""),
		"mysql-5.7-aurora-next-log":     nextLog(mysql(5, 7, 44), control.Aurora, ""),
		"mysql-8.0-aurora-next-log":     nextLog(mysql(8, 0, 36), control.Aurora, ""),
		"mariadb-10.11-rds-next-log":    nextLog(mariaDB(10, 11, 6), control.RDS, ""),
		"mysql-8.0-azure-next-log":      nextLog(mysql(8, 0, 36), control.Azure, ""),
		"mariadb-5.5":                   {Version: mariaDB(5, 5, 68), Errno: 1062, Failing: failing, Next: next},
		"mariadb-10.11-by-position":     {Version: mariaDB(10, 11, 19), Errno: 1062, GTID: "0-1-154", Failing: failing, Next: next},
		"mariadb-10.11-gtid":            {Version: mariaDB(10, 11, 19), Errno: 1032, GTID: "0-1-154", UsesGTID: true, SlavePos: "0-1-153", Workers: 4, Failing: failing, Next: next},
		"mariadb-11.8-connection":       {Version: mariaDB(11, 8, 6), Errno: 1062, Channel: "east", GTID: "1-1-154", UsesGTID: true, SlavePos: "0-1-9, 1-1-153", Failing: failing, Next: next},
		"mariadb-11.8-several-domains":  {Version: mariaDB(11, 8, 6), Errno: 1062, GTID: "2-1-1", UsesGTID: true, SlavePos: "0-1-9,1-1-153", Workers: 4},
		"mysql-5.7-gtid-gaps":           {Version: mysql(5, 7, 44), Errno: 1062, Channel: "east", GTID: uuid + ":4", UsesGTID: true, Workers: 4, FillingGaps: true},
		"mysql-5.7-gaps":                {Version: mysql(5, 7, 44), Errno: 1062, Workers: 4, FillingGaps: true, Failing: failing, Next: next},
		"mysql-5.7-gtid-gaps-delay":     {Version: mysql(5, 7, 44), Errno: 1062, Channel: "east", GTID: uuid + ":4", UsesGTID: true, Workers: 4, Gaps: true, Delay: 3600},
		"mysql-8.0.25-gtid-gaps":        {Version: mysql(8, 0, 25), Errno: 1062, GTID: uuid + ":4", UsesGTID: true, Workers: 4, Gaps: true},
		"mysql-8.0.26-gtid-gaps":        {Version: mysql(8, 0, 26), Errno: 1062, GTID: uuid + ":4", UsesGTID: true, Workers: 4, Gaps: true},
		"mysql-9.7-gaps-by-position":    {Version: mysql(9, 7, 0), Errno: 1062, GTID: uuid + ":4", Workers: 4, Gaps: true, Delay: 60, Applied: failing, Failing: failing, Next: next},
		"mysql-8.0.31-gtid-gaps":        {Version: mysql(8, 0, 31), Errno: 1062, GTID: uuid + ":4", UsesGTID: true, Workers: 4, FillingGaps: true},
		"mariadb-11.8-gtid-split":       {Version: mariaDB(11, 8, 6), Errno: 1062, GTID: "0-1-154", UsesGTID: true, Split: true},
		"mariadb-11.8-receiver-stopped": {Version: mariaDB(11, 8, 6), Errno: 1062, GTID: "0-1-154", UsesGTID: true, ReceiverStopped: true},
		"mariadb-11.8-unknown-position": {Version: mariaDB(11, 8, 6), Errno: 1062, GTID: "0-1-154", UsesGTID: true},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := control.For(in)
			if err != nil {
				t.Fatal(err)
			}
			golden.Check(t, filepath.Join("testdata", name+".txt"), print(c))
		})
	}
}

func print(c *control.Commands) string {
	var b strings.Builder
	guards, blind, risk := c.NotApplied()
	fmt.Fprintf(&b, "%s\n%s\n%s\n\n", c.Stop(), c.Start(), c.Status())
	for _, g := range guards {
		fmt.Fprintf(&b, "%sguard: %s\nholds: %s\n", strings.Join(append(slices.Clone(g.Ask), ""), "\n"), g.Sentence, g.Holds)
	}
	if blind != "" {
		fmt.Fprintf(&b, "blind: %s\n", blind)
	}
	fmt.Fprintf(&b, "risk: %s\n", risk)
	if c.DropsRelayLogs() {
		b.WriteString("the relay logs are deleted\n")
	}
	for _, a := range c.Alternatives() {
		fmt.Fprintf(&b, "\n%s\n(%s)\n%s\n", a.Title, a.Price, strings.Join(a.Lines, "\n"))
	}
	return b.String()
}

func TestNewServersGetNoOldWords(t *testing.T) {
	c, err := control.For(control.Input{Version: mysql(8, 4, 0), Errno: 1062, UsesGTID: true, GTID: uuid + ":4", Failing: failing, Next: next})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(print(c), "mysql.slave_relay_log_info", "") // still the table's name
	for _, old := range []string{"SLAVE", "MASTER", "slave"} {
		if strings.Contains(text, old) {
			t.Errorf("found %s in:\n%s", old, text)
		}
	}
}

func TestInputThatIsNoneIsRefused(t *testing.T) {
	for _, test := range []struct {
		in   control.Input
		want string
	}{
		{control.Input{Channel: "a\nb"}, "expected a name of visible characters, found a<0A>b"},
		{control.Input{Failing: control.Coordinates{File: `a\b`}}, "expected a name of visible characters, found a<5C>b"},
		{control.Input{GTID: uuid + ":1'; DROP TABLE t"}, "expected a GTID of MySQL, found " + uuid + ":1'; DROP TABLE t"},
		{control.Input{GTID: uuid + ":1-5"}, "expected a GTID of MySQL, found " + uuid + ":1-5"},
		{control.Input{GTID: "0-1-5"}, "expected a GTID of MySQL, found 0-1-5"},
		{control.Input{Version: mariaDB(11, 8, 6), GTID: uuid + ":1"}, "expected a GTID of MariaDB, found " + uuid + ":1"},
		{control.Input{Version: mariaDB(11, 8, 6), SlavePos: "0-1-5,x"}, "expected a list of GTIDs in gtid_slave_pos, found 0-1-5,x"},
	} {
		if _, err := control.For(test.in); err == nil || err.Error() != test.want {
			t.Errorf("%+v: got error %v, want %s", test.in, err, test.want)
		}
	}
}

func TestEveryErrorIsExplained(t *testing.T) {
	for _, errno := range []int{1007, 1008, 1032, 1050, 1051, 1054, 1060, 1061, 1062, 1064, 1091, 1146, 1205, 1213, 1236, 1364, 1366,
		1396, 1406, 1594, 1677, 1756, 1782, 1792, 1872, 3546, 13117, 13121, 13146} {
		g, ok := control.Explain(errno)
		if !ok || !strings.Contains(g.Symbol, "ER_") || !strings.HasSuffix(g.Meaning, ".") || !strings.HasSuffix(g.Safe, ".") {
			t.Errorf("%d: %+v", errno, g)
		}
	}
	if g, ok := control.Explain(4711); ok {
		t.Errorf("4711 is explained: %+v", g)
	}
}

func TestCompareQuotesForTheShell(t *testing.T) {
	tables := []*schema.Table{
		{Database: "shop", Name: "it's"}, {Database: "shop", Name: "$(reboot)`ls`"},
		{Database: "shop", Name: "a,b"}, {Database: "shop", Name: "a\nb"}, {Database: "", Name: "t"}, {Database: "shop", Name: "日本"},
	}
	a, ok := control.Compare(tables)
	want := []string{
		`# pt-table-checksum --tables='shop.it'"'"'s,shop.$(reboot)` + "`ls`" + `' h=SOURCE_HOST`,
		`# pt-table-sync --print --sync-to-master 'h=REPLICA_HOST,D=shop,t=it'"'"'s'`,
		"# pt-table-sync --print --sync-to-master 'h=REPLICA_HOST,D=shop,t=$(reboot)`ls`'",
	}
	if got := strings.Join(a.Lines, "\n"); !ok || got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if a, ok := control.Compare(tables[2:]); ok {
		t.Errorf("tables that can't be named gave %v", a.Lines)
	}
}
