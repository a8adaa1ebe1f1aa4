// Package control knows the commands that stop, restart and skip on a replica, for each flavour and version, with GTIDs,
// channels and parallel appliers; and what the errors mean that stop an applier. In go facts about the replica and its failing
// transaction; out come statements as text. It runs nothing and chooses nothing: every way past the transaction is listed with
// what it costs.
package control

import (
	"fmt"
	"regexp"
	"strings"

	"binmend/decoder"
	"binmend/emit/sqltext"
)

// Coordinates are a place in a log. File is "" when unknown.
type Coordinates struct {
	File string
	Pos  uint64
}

// Input is what is known about the replica and its failing transaction. Unknown fields are zero.
type Input struct {
	Version decoder.Version // of the replica
	Channel string          // MySQL's channel or MariaDB's connection name; "" for the default one

	// Channels is how many the replica has; 0 when unknown. If there are several, MySQL's commands apply to all of them unless they
	// name one.
	Channels int

	Receiver  bool   // the error is the receiver's: the applier has no transaction that failed
	Errno     int    // what stopped the thread; 0 when unknown
	Statement bool   // a statement met the error, not a row event: no setting of the applier ignores it
	Message   string // as the server put it; any text

	// GTID of the failing transaction: "uuid:7" or "uuid:tag:7" (MySQL), "0-1-7" (MariaDB); "" when it has none.
	GTID string
	// UsesGTID: the replica finds its place in the source's log by GTID: Auto_Position 1 (MySQL), Using_Gtid other than No
	// (MariaDB).
	UsesGTID bool
	SlavePos string // MariaDB: @@gtid_slave_pos
	Executed string // MySQL: what of gtid_executed has the UUID and tag of GTID

	Workers int // applier workers

	ReceiverStopped bool // the status says so; the script leaves it stopped
	NoStop          bool // the account may not stop and start the replica's threads

	Platform      Platform // "": Plain
	SuperReadOnly bool     // super_read_only is on

	Reading Coordinates // where the receiver reads on in the source's log
	// FillingGaps: the applier stopped while it applied by itself what its workers had left out.
	FillingGaps bool
	// Gaps: workers have, or may have, applied transactions after one that is not applied, as far as GTIDs tell it.
	Gaps bool
	// Unordered: workers may have applied transactions after the failing one, and there are no GTIDs that tell it.
	Unordered bool

	Delay   int         // how many seconds the applier stays behind the source; RESET forgets it
	Split   bool        // the failing transaction is, or may be, spread over several relay logs
	Applied Coordinates // up to where the source's log has been applied, by the status
	Failing Coordinates // where the failing transaction begins in the source's log
	Next    Coordinates // where the transaction after it begins there
}

// Class is the kind of the error that stopped the replica.
func (in *Input) Class() Class {
	if in.Receiver {
		return Receiver
	}
	if in.Statement && RepairedByRows(in.Errno) {
		return Unlike
	}
	if RepairedByRows(in.Errno) {
		return Rows
	}
	return guidance[in.Errno].Class
}

// RepairedByRows reports whether rows are what an error number asks for: one was there that should not (1062, and 1022 and
// 1586 of old servers), or one was not there that should (1032), or not with the JSON document of which a part changes (3648).
// So does an unknown error, 0.
func RepairedByRows(errno int) bool {
	switch errno {
	case 0, 1022, 1032, 1062, 1586, 3648:
		return true
	}
	return false
}

// Commands writes the commands for one replica.
type Commands struct {
	Input
	dialect sqltext.Dialect
	words   words
}

var (
	mysqlGTID   = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(:[a-zA-Z_][a-zA-Z0-9_]{0,31})?:[0-9]{1,19}$`)
	mariadbGTID = regexp.MustCompile(`^[0-9]{1,10}-[0-9]{1,10}-[0-9]{1,20}$`)
)

// For checks the input and returns the commands. Everything that goes into a statement must be well-formed: a name that can't be
// quoted plainly, or something that is not a GTID, is an error.
func For(in Input) (*Commands, error) {
	d := sqltext.For(in.Version)
	for _, name := range []string{in.Channel, in.Reading.File, in.Applied.File, in.Failing.File, in.Next.File} {
		if !d.Plain(name) {
			return nil, fmt.Errorf("expected a name of visible characters, found %s", sqltext.AppendVisible(nil, name))
		}
	}
	form := mysqlGTID
	if d.MariaDB() {
		form = mariadbGTID
	}
	if in.GTID != "" && !form.MatchString(in.GTID) {
		return nil, fmt.Errorf("expected a GTID of %s, found %s", in.Version.Flavor, sqltext.AppendVisible(nil, in.GTID))
	}
	for _, gtid := range in.slavePositions() {
		if !mariadbGTID.MatchString(gtid) {
			return nil, fmt.Errorf("expected a list of GTIDs in gtid_slave_pos, found %s", sqltext.AppendVisible(nil, in.SlavePos))
		}
	}
	return &Commands{Input: in, dialect: d, words: wordsOf(d)}, nil
}

// words are the names that changed between versions.
type words struct {
	replica      string // in START, STOP, RESET, SHOW … STATUS
	changeSource string
	source       string // prefix of the options of changeSource
	variable     string // in the names of system variables
}

// wordsOf returns the words of a version. MySQL 8.0.22 introduced REPLICA, 8.0.23 CHANGE REPLICATION SOURCE and 8.0.26 the
// variables; 8.4 removed the old words, except for the variables. MariaDB's old words work in every version.
func wordsOf(d sqltext.Dialect) words {
	w := words{"SLAVE", "CHANGE MASTER TO", "MASTER", "slave"}
	if d.MySQLSince(8, 0, 22) {
		w.replica = "REPLICA"
	}
	if d.MySQLSince(8, 0, 23) {
		w.changeSource, w.source = "CHANGE REPLICATION SOURCE TO", "SOURCE"
	}
	if d.MySQLSince(8, 0, 26) {
		w.variable = "replica"
	}
	return w
}

// Stop is the statement that stops the applier; "" where there is no such statement.
func (c *Commands) Stop() string {
	switch {
	case c.IsGroup():
		return "STOP GROUP_REPLICATION;"
	case c.Platform.IsManaged():
		return c.managed("stop")
	}
	return c.applier("STOP")
}

// Start is the statement that starts again what Stop stops; a line that begins with # where there is none.
func (c *Commands) Start() string {
	switch {
	case c.IsGroup():
		return "START GROUP_REPLICATION;"
	case c.Platform == CloudSQL:
		return byHand
	case c.Platform.IsManaged():
		return c.managed("start")
	case c.LosesGaps() && c.Refetches():
		return strings.Join(c.refetch(), " ")
	case c.LosesGaps():
		return "# Restart the server with skip_slave_start, then " + c.both("START")
	}
	return c.applier("START")
}

// Restart starts the applier again after the repair. Where MariaDB has forgotten where the failing transaction begins, it is fetched
// again: without GTIDs, from the position that the statement has.
func (c *Commands) Restart() []string {
	if c.IsGroup() || c.Platform.IsManaged() {
		return []string{c.Start()}
	}
	if c.Class() == Receiver || c.Class() == RelayLog {
		return []string{c.both("START")}
	}
	switch {
	case c.mustRepoint():
		return []string{c.changeSource(c.Failing), c.Start()}
	case c.LosesGaps() && c.Refetches():
		return c.refetch()
	}
	return []string{c.Start()}
}

// LosesGaps reports whether the server may pass over transactions when the applier is only started. To fill the gaps of its workers MySQL
// counts transactions in the relay logs against what it has noted of each worker. When it stopped in them it goes on with old notes at
// another place, and also of a worker's error it has lost some (tried: 5.6.24, 5.7.22 and 8.0.15 do, and 9.7 by position). MySQL 8.0.26 and
// later that goes by GTID does not count: it begins before the gaps and passes over what gtid_executed has.
func (c *Commands) LosesGaps() bool {
	switch {
	case c.dialect.MariaDB(), c.IsGroup(): // a group fetches what a member lacks when it joins
		return false
	case c.UsesGTID && c.dialect.MySQLSince(8, 0, 26):
		return false
	case c.Refetches():
		return c.FillingGaps || c.Gaps
	}
	return c.FillingGaps && !c.dialect.MySQLSince(8, 0, 31)
}

// Refetches reports whether what is not applied can be fetched again, once the relay logs and the notes are deleted: by GTID, or from the
// position up to where all is applied, where the transactions have GTIDs by which those that are applied are passed over. Otherwise
// the server has to be restarted.
func (c *Commands) Refetches() bool {
	return c.UsesGTID || c.GTID != "" && c.Applied.File != "" && !c.dialect.MariaDB()
}

// refetch starts both threads after the relay logs and notes are deleted.
func (c *Commands) refetch() []string {
	lines := c.reset()
	if !c.UsesGTID {
		lines = append(lines, c.changeSource(c.Applied))
	}
	return append(lines, c.both("START"))
}

// CommitOrder is the setting with which workers commit in the order of the log.
func (c *Commands) CommitOrder() string {
	if c.dialect.MySQLSince(5, 7, 5) {
		return c.words.variable + "_preserve_commit_order"
	}
	return c.words.variable + "_parallel_workers=0"
}

// reset deletes the relay logs and what is noted of the workers. The applier's delay is forgotten with them.
func (c *Commands) reset() []string {
	lines := []string{"RESET " + c.words.replica + c.forChannel() + ";"}
	if c.Delay > 0 {
		lines = append(lines, fmt.Sprintf("%s %s_DELAY=%d%s;", c.words.changeSource, c.words.source, c.Delay, c.forChannel()))
	}
	return lines
}

func (c *Commands) mustRepoint() bool {
	return c.Split && c.dialect.MariaDB() && !c.UsesGTID && c.Failing.File != ""
}

// mustFetch reports whether the failing transaction has to be fetched again. When one that spans relay logs fails, MariaDB's parallel
// applier forgets where it was: it would go on after the transaction, and lose it, or in its middle. And when it goes by GTID and both
// threads stand, it deletes its relay logs when one of them starts, before it asks the source for anything.
func (c *Commands) mustFetch() bool {
	return c.LosesGaps() || c.dialect.MariaDB() && (c.Split || c.UsesGTID && c.ReceiverStopped)
}

// DropsRelayLogs reports whether the server deletes its relay logs at the start.
func (c *Commands) DropsRelayLogs() bool {
	return !c.Platform.IsManaged() && (c.mustRepoint() || c.LosesGaps() && c.Refetches() || c.mustFetch() && c.UsesGTID)
}

// applier starts or stops the applier alone, if that is enough: what the receiver has written stays.
func (c *Commands) applier(verb string) string {
	if c.mustFetch() {
		return c.both(verb)
	}
	return verb + " " + c.words.replica + c.connection() + " SQL_THREAD" + c.forChannel() + ";"
}

// both starts or stops the receiver and the applier.
func (c *Commands) both(verb string) string {
	if c.dialect.MariaDB() {
		return verb + " SLAVE" + c.connection() + ";"
	}
	return verb + " " + c.words.replica + c.forChannel() + ";"
}

// Status is the statement that shows the replica's state.
func (c *Commands) Status() string {
	if c.IsGroup() {
		return "SELECT MEMBER_HOST, MEMBER_STATE FROM performance_schema.replication_group_members;"
	}
	if c.dialect.MariaDB() {
		return "SHOW SLAVE" + c.connection() + " STATUS;"
	}
	return "SHOW " + c.words.replica + " STATUS" + c.forChannel() + ";"
}

// forChannel is MySQL's suffix, connection MariaDB's infix.
func (c *Commands) forChannel() string {
	if c.dialect.MariaDB() || !c.mustName() {
		return ""
	}
	return " FOR CHANNEL " + c.quote(c.Channel)
}

// mustName reports whether a MySQL command has to name the channel.
func (c *Commands) mustName() bool { return c.Channel != "" || c.Channels > 1 }

func (c *Commands) connection() string {
	if c.Channel == "" || !c.dialect.MariaDB() {
		return ""
	}
	return " " + c.quote(c.Channel)
}

func (c *Commands) quote(s string) string { return string(c.dialect.AppendString(nil, s)) }

// slavePositions are the GTIDs of gtid_slave_pos, one per replication domain.
func (in *Input) slavePositions() []string {
	if in.SlavePos == "" {
		return nil
	}
	positions := strings.Split(in.SlavePos, ",")
	for i := range positions {
		positions[i] = strings.TrimSpace(positions[i])
	}
	return positions
}
