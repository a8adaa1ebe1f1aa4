package control

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binmend/emit/sqltext"
)

// Guard is a condition that must hold for a script to go on.
type Guard struct {
	Sentence string   // says why the script stops; at most 55 bytes of ASCII, so that it fits an identifier together with binmend's name
	Holds    string   // an SQL expression: true if the script may go on
	Ask      []string // statements that set what Holds reads; they run after the guards before this one
}

// GuardSQL is the statements that fail where one of the guards does not hold, with its sentence as the server's message. No
// plain statement of SQL raises an error of one's own: a column that does not exist stands for it. A client that goes on after an
// error (source, --force) changes no row all the same: the session's transactions are read only then, also where the guards
// themselves could not be asked.
func GuardSQL(d sqltext.Dialect, guards []Guard) string {
	var sql strings.Builder
	for begin := 0; begin < len(guards); {
		end := begin + 1
		for end < len(guards) && guards[end].Ask == nil {
			end++
		}
		for _, statement := range guards[begin].Ask {
			sql.WriteString(statement + "\n")
		}
		do := "'DO 0'"
		for _, g := range slices.Backward(guards[begin:end]) {
			do = "IF(" + g.Holds + ", " + do + ", 'DO `binmend: " + g.Sentence + "`')"
		}
		if begin > 0 {
			do = "IF(@binmend_guard = 'DO 0', " + do + ", @binmend_guard)"
		}
		sql.WriteString("SET @binmend_guard=" + do + ";\nPREPARE binmend_guard FROM @binmend_guard; EXECUTE binmend_guard;\n")
		begin = end
	}
	if name := d.ReadOnlyVariable(); name != "" && len(guards) > 0 {
		sql.WriteString("SET SESSION " + name + "=NOT (@binmend_guard <=> 'DO 0'), @binmend_guard=NULL;\n")
	}
	return strings.TrimSuffix(sql.String(), "\n")
}

// UnlessReadOnly is a statement that takes no part in transactions, which a session that the guards have made read only must not
// run.
func UnlessReadOnly(d sqltext.Dialect, statement string) string {
	name := d.ReadOnlyVariable()
	if name == "" {
		return statement
	}
	do := d.AppendString(nil, strings.TrimSuffix(statement, ";"))
	return "SET @binmend_do=IF(@@SESSION." + name + ", 'DO 0', " + string(do) + ");\nPREPARE binmend_do FROM @binmend_do; EXECUTE binmend_do;"
}

// Sentences of the guards.
const (
	sentenceApplied   = "this replica has applied the transaction"
	sentenceElsewhere = "the applier is not at the error of this script"
	sentenceNotYet    = "this replica has not applied what comes before it"
	sentenceRunning   = "this replica is running"
)

// NotApplied are the guards against a script that is run twice, late or on another replica: they hold as long as the failing
// transaction has not been applied, and on a replica that has applied what comes before it. blind is the SQL condition under
// which the server does not know that, and risk says so; both are "" where it always knows.
//
// MASTER_POS_WAIT is of no use here: it is NULL on every stopped applier.
func (c *Commands) NotApplied() (guards []Guard, blind, risk string) {
	isMySQL56 := c.dialect.MySQLSince(5, 6, 3) && c.Next.File != ""
	switch {
	case c.GTID != "" && c.dialect.MariaDB():
		return c.atDomain(), "", ""
	case c.GTID != "":
		guards = []Guard{{Sentence: sentenceApplied, Holds: "NOT GTID_SUBSET('" + c.GTID + "', @@GLOBAL.gtid_executed)"}}
		if c.Executed != "" {
			guards = append(guards, Guard{Sentence: sentenceNotYet, Holds: "GTID_SUBSET('" + c.Executed + "', @@GLOBAL.gtid_executed)"})
		}
		return guards, "", ""
	case c.dialect.MySQLSince(5, 7, 6):
		return c.sameError()
	case isMySQL56 && !c.NoStop:
		return c.storedPosition(), withWorkers, "with slave_parallel_workers " + nothingToAsk
	case isMySQL56:
		blind = "@@GLOBAL.relay_log_info_repository <> 'TABLE' OR " + withWorkers
		return []Guard{{Sentence: sentenceElsewhere, Holds: blind + " OR " + c.positionBefore("")}}, blind,
			"with relay_log_info_repository=FILE or with workers " + nothingToAsk
	}
	return nil, Always, nothingToAsk
}

// Always is the condition for a server that can never tell whether it has applied a transaction.
const Always = "TRUE"

// withWorkers is the condition under which MySQL 5.6 does not know its position: after an error, it is before transactions that
// workers have applied already.
const withWorkers = "@@GLOBAL.slave_parallel_workers > 0"

const nothingToAsk = "this server can't be asked whether the transaction has been applied. Run the script once, and only while the " +
	"status shows this error at this position: at a later stop it would remove rows of the source."

// atDomain holds while the position of the transaction's domain is before it, and not before the one that the status had. Without
// positioning by GTID the receiver moves gtid_slave_pos to where it is itself whenever it connects; what a replica has applied, it
// has then written to its own binary log, if log_slave_updates is on.
func (c *Commands) atDomain() []Guard {
	domain, rest, _ := strings.Cut(c.GTID, "-")
	_, number, _ := strings.Cut(rest, "-")
	at := func(variable string) string {
		return "CAST(SUBSTRING_INDEX(REGEXP_SUBSTR(CONCAT(',', @@GLOBAL." + variable + "), '," + domain + "-[0-9]+-[0-9]+'), '-', -1) AS UNSIGNED)"
	}
	before := Guard{Sentence: sentenceApplied, Holds: at("gtid_slave_pos") + " < " + number}
	if !c.UsesGTID {
		before.Holds += " OR @@GLOBAL.log_bin AND @@GLOBAL.log_slave_updates AND " + at("gtid_binlog_pos") + " < " + number
		return []Guard{before}
	}
	for _, position := range c.slavePositions() {
		if seq, found := strings.CutPrefix(position, domain+"-"); found {
			_, seq, _ = strings.Cut(seq, "-")
			return []Guard{before, {Sentence: sentenceNotYet, Holds: at("gtid_slave_pos") + " >= " + seq}}
		}
	}
	return []Guard{before}
}

// endLogPos finds the place in the source's log that an applier's message names.
var endLogPos = regexp.MustCompile(`log ([^\s,;']+), end_log_pos ([0-9]+)`)

// sameError holds while the applier's last error is the one of the message: START clears it. With a single applier thread, its
// stored position is checked too, as while it fills gaps; with workers, that position lags.
func (c *Commands) sameError() (guards []Guard, blind, risk string) {
	var ways []string
	if found := endLogPos.FindStringSubmatch(c.Message); found != nil && c.Errno != 0 {
		ways = append(ways, fmt.Sprintf("EXISTS (SELECT 1 FROM performance_schema.replication_applier_status_by_worker "+
			"WHERE CHANNEL_NAME = %s AND LAST_ERROR_NUMBER = %d AND INSTR(CONCAT(LAST_ERROR_MESSAGE, ';'), %s))",
			c.quote(c.Channel), c.Errno, c.quote(found[1]+", end_log_pos "+found[2]+";")))
	}
	if c.Next.File != "" {
		alone := "@@GLOBAL." + c.words.variable + "_parallel_workers = 0 AND "
		if c.FillingGaps {
			alone = ""
		}
		ways = append(ways, alone+c.positionBefore("Channel_name = "+c.quote(c.Channel)+" AND "))
	}
	if len(ways) == 0 {
		return nil, Always, "without a GTID, the error's message or its place in the source's log " + nothingToAsk
	}
	return []Guard{{Sentence: sentenceElsewhere, Holds: strings.Join(ways, " OR ")}}, "", ""
}

// storedPosition asks MySQL 5.6 for the applier's position. By default that is in a file, which no statement can read; while both
// threads are stopped, the server can move it into a table and back. With workers, this would also move what they need to go on.
func (c *Commands) storedPosition() []Guard {
	ask := []string{
		c.both("STOP"),
		"SET @binmend_repository=@@GLOBAL.relay_log_info_repository, @binmend_move=IF(" + withWorkers +
			", 'DO 0', 'SET GLOBAL relay_log_info_repository=''TABLE''');",
		"PREPARE binmend_move FROM @binmend_move; EXECUTE binmend_move;",
		"SET @binmend_is_there=" + c.positionBefore("") + ";",
		"SET GLOBAL relay_log_info_repository=@binmend_repository;",
	}
	if !c.ReceiverStopped {
		ask = append(ask, "START SLAVE IO_THREAD;")
	}
	return []Guard{
		{Sentence: sentenceRunning, Holds: "(SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'SLAVE_RUNNING') = 'OFF'"},
		{Sentence: sentenceElsewhere, Holds: withWorkers + " OR @binmend_is_there", Ask: ask},
	}
}

// positionBefore holds while the applier's stored position is before the end of the failing transaction in the logs of the
// same source, and not before the one that the status had.
func (c *Commands) positionBefore(channel string) string {
	stem := c.Next.File[:strings.LastIndexByte(c.Next.File, '.')+1]
	compare := func(operator string, at Coordinates) string {
		return fmt.Sprintf("(LENGTH(Master_log_name), Master_log_name, Master_log_pos) %s (%d, %s, %d)", operator, len(at.File), c.quote(at.File), at.Pos)
	}
	condition := fmt.Sprintf("%sLEFT(Master_log_name, %d) = %s AND %s", channel, len(stem), c.quote(stem), compare("<", c.Next))
	if c.Applied.File != "" {
		condition += " AND " + compare(">=", c.Applied)
	}
	return "EXISTS (SELECT 1 FROM mysql.slave_relay_log_info WHERE " + condition + ")"
}
