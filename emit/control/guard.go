package control

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Guard is a condition without which a script must not go on.
type Guard struct {
	Sentence string // says why the script stops; at most 55 bytes of ASCII: with binmend's name before it a server takes it for an identifier
	Holds    string // an SQL expression: true where the script may go on
}

// GuardSQL is the statements that fail where one of the guards does not hold, with its sentence as the server's message. No
// plain statement of SQL raises an error of one's own: a column that does not exist stands for it.
func GuardSQL(guards []Guard) string {
	do := "'DO 0'"
	for _, g := range slices.Backward(guards) {
		do = "IF(" + g.Holds + ", " + do + ", 'DO `binmend: " + g.Sentence + "`')"
	}
	return "SET @binmend_guard=" + do + ";\nPREPARE binmend_guard FROM @binmend_guard; EXECUTE binmend_guard;"
}

// Sentences of the guards.
const (
	sentenceApplied = "this replica has applied the transaction"
	sentenceMovedOn = "the applier has left the error of this script"
)

// NotApplied is the guard against a script that is run twice, late or on another replica: it holds as long as the failing
// transaction has not been applied. What is left of the danger, and why, is in risk; "" where the server tells for sure.
// Where a server offers nothing to ask there is no guard, and risk says so.
//
// MASTER_POS_WAIT is of no use here: it is NULL on every stopped applier.
func (c *Commands) NotApplied() (guard Guard, risk string) {
	switch {
	case c.GTID != "" && c.dialect.MariaDB():
		return Guard{sentenceApplied, c.domainBefore()}, ""
	case c.GTID != "":
		return Guard{sentenceApplied, "NOT GTID_SUBSET('" + c.GTID + "', @@GLOBAL.gtid_executed)"}, ""
	case c.dialect.MySQLSince(5, 7, 6):
		return c.sameError()
	case c.dialect.MySQLSince(5, 6, 3) && c.Next.File != "":
		return Guard{sentenceApplied, "@@GLOBAL.relay_log_info_repository <> 'TABLE' OR @@GLOBAL.slave_parallel_workers > 0 OR " +
			c.positionBefore("")}, "with relay_log_info_repository=FILE or with workers " + nothingToAsk
	}
	return Guard{}, nothingToAsk
}

const nothingToAsk = "this server can't be asked whether the transaction has been applied. Run the script once, and only while the " +
	"status shows this error at this position: at a later stop it would remove rows of the source."

// domainBefore holds while the position of the transaction's domain is before it. Without positioning by GTID the receiver
// moves gtid_slave_pos to where it is itself whenever it connects; what a replica has applied, it has then written to its
// own binary log, if log_slave_updates is on.
func (c *Commands) domainBefore() string {
	domain, rest, _ := strings.Cut(c.GTID, "-")
	_, number, _ := strings.Cut(rest, "-")
	before := func(variable string) string {
		return "CAST(SUBSTRING_INDEX(REGEXP_SUBSTR(CONCAT(',', @@GLOBAL." + variable + "), '," + domain +
			"-[0-9]+-[0-9]+'), '-', -1) AS UNSIGNED) < " + number
	}
	if c.UsesGTID {
		return before("gtid_slave_pos")
	}
	return before("gtid_slave_pos") + " OR @@GLOBAL.log_bin AND @@GLOBAL.log_slave_updates AND " + before("gtid_binlog_pos")
}

// endLogPos finds the place in the source's log that a message of an applier names.
var endLogPos = regexp.MustCompile(`log ([^\s,;']+), end_log_pos ([0-9]+)`)

// sameError holds while the applier's last error is that of the message: START clears it. The applier's stored position
// is asked as well where one thread applies; with workers it lags.
func (c *Commands) sameError() (Guard, string) {
	var ways []string
	if found := endLogPos.FindStringSubmatch(c.Message); found != nil && c.Errno != 0 {
		ways = append(ways, fmt.Sprintf("EXISTS (SELECT 1 FROM performance_schema.replication_applier_status_by_worker "+
			"WHERE CHANNEL_NAME = %s AND LAST_ERROR_NUMBER = %d AND INSTR(CONCAT(LAST_ERROR_MESSAGE, ';'), %s))",
			c.quote(c.Channel), c.Errno, c.quote(found[1]+", end_log_pos "+found[2]+";")))
	}
	if c.Next.File != "" {
		ways = append(ways, "@@GLOBAL."+c.words.variable+"_parallel_workers = 0 AND "+
			c.positionBefore("Channel_name = "+c.quote(c.Channel)+" AND "))
	}
	if len(ways) == 0 {
		return Guard{}, "without a GTID, the error's message or its place in the source's log " + nothingToAsk
	}
	return Guard{sentenceMovedOn, strings.Join(ways, " OR ")}, ""
}

// positionBefore holds while the applier's stored position is before the end of the failing transaction in the logs of the
// same source.
func (c *Commands) positionBefore(channel string) string {
	stem := c.Next.File[:strings.LastIndexByte(c.Next.File, '.')+1]
	return fmt.Sprintf("EXISTS (SELECT 1 FROM mysql.slave_relay_log_info WHERE %sLEFT(Master_log_name, %d) = %s AND "+
		"(LENGTH(Master_log_name), Master_log_name, Master_log_pos) < (%d, %s, %s))", channel, len(stem), c.quote(stem),
		len(c.Next.File), c.quote(c.Next.File), strconv.FormatUint(c.Next.Pos, 10))
}
