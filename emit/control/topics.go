package control

import (
	"fmt"
	"strings"

	"binmend/decoder"
)

// Topics are help topics with generated text: paragraphs, in which a line that begins with a blank stays as it is.
var Topics = map[string]func() string{"skip": skipTopic, "grants": grantsTopic}

// example is a replica whose commands a topic shows.
type example struct {
	heading string
	input   Input
}

func examples() []example {
	version := func(text string) decoder.Version {
		v, _ := decoder.ParseVersion(text)
		return v
	}
	failing, next := Coordinates{"binlog.000007", 1965}, Coordinates{"binlog.000007", 2662}
	return []example{
		{"MySQL 8.0.26 and later, with SOURCE_AUTO_POSITION=1", Input{Version: version("8.4.0"), UsesGTID: true,
			GTID: "b15e4f71-e566-11f1-89b6-02fc00000001:8", Errno: 1062, Failing: failing, Next: next}},
		{"MySQL before 8.0.22, without GTIDs", Input{Version: version("5.7.44"), Errno: 1062, Failing: failing, Next: next}},
		{"MariaDB, with MASTER_USE_GTID=slave_pos", Input{Version: version("10.11.6-MariaDB"), UsesGTID: true, GTID: "0-1-8",
			SlavePos: "0-1-7,5-1-3", Errno: 1062, Failing: failing, Next: next}},
	}
}

// skipTopic shows all ways past a transaction.
func skipTopic() string {
	var b strings.Builder
	b.WriteString("The ways past a transaction that fails on a replica. None of them repairs a row: what is skipped is missing from then on, " +
		"and what touches the same rows later fails. \"binmend fix\" prints those that the error at hand allows, with the replica's own " +
		"GTID, channel and places; --alternatives prints all of them. After an error of the receiver, or of a setting, no transaction " +
		"has failed, and there is nothing to skip.\n")
	for _, e := range examples() {
		fmt.Fprintf(&b, "\n%s:\n", e.heading)
		c, err := For(e.input)
		if err != nil {
			panic(err) // the examples are constants
		}
		for _, a := range c.Alternatives() {
			fmt.Fprintf(&b, "\n%s. %s\n", a.Title, a.Price)
			for _, line := range a.Lines {
				b.WriteString("\n  " + line)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// grantsTopic lists what an account needs to read a replica, and to run a script there.
func grantsTopic() string {
	var b strings.Builder
	b.WriteString(`The account of "binmend fix" and "binmend watch" only reads. It needs, on every replica:

  GRANT SELECT, TRIGGER ON shop.* TO …;   -- each database that is replicated
  MySQL:              GRANT REPLICATION CLIENT ON *.* TO …;
  MySQL 5.7 and later GRANT SELECT ON performance_schema.* TO …;
  MariaDB 10.5 on:    GRANT SLAVE MONITOR ON *.* TO …;
  MariaDB before:     GRANT REPLICATION CLIENT ON *.* TO …;

On the source, for --source-host:

  GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO …;   -- MariaDB 10.5 on: REPLICATION SLAVE, BINLOG MONITOR
  GRANT SELECT ON shop.* TO …;            -- to look up rows

The account that runs the script changes rows and stops the applier. With a connection the header of the script lists what the account
of the connection lacks. SELECT, INSERT, UPDATE and DELETE on the tables, and:
`)
	for _, e := range examples() {
		c, err := For(e.input)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&b, "\n%s:\n\n", e.input.Version.Flavor.String()+" "+e.input.Version.Text)
		for _, p := range c.Privileges(Uses{LogBin: true, Stops: true, ReadOnly: true, SuperReadOnly: true}) {
			fmt.Fprintf(&b, "  GRANT %s ON *.* TO …;   -- %s\n", p.Names[0], p.For)
		}
	}
	return b.String()
}
