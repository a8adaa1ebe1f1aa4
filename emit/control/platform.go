package control

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Platform is who runs the replica. Managed services let nobody stop an applier or set sql_log_bin: they have procedures
// instead. What is known of these is from the services' documentation; see Known for what was tried.
type Platform string

const (
	Plain    Platform = "plain"
	RDS      Platform = "rds"
	Aurora   Platform = "aurora"
	Azure    Platform = "azure"
	CloudSQL Platform = "cloudsql"
)

// Platforms lists all platforms.
var Platforms = []Platform{Plain, RDS, Aurora, Azure, CloudSQL}

// PlatformList lists them for people.
func PlatformList() string {
	var names []string
	for _, p := range Platforms {
		names = append(names, string(p))
	}
	return strings.Join(names, ", ")
}

// ParsePlatform reads the name of a platform; "" is none.
func ParsePlatform(name string) (Platform, error) {
	p := Platform(name)
	if p != "" && !slices.Contains(Platforms, p) {
		return "", fmt.Errorf("expected one of %s, found %q", PlatformList(), name)
	}
	return p, nil
}

// IsManaged reports whether a service runs the replica.
func (p Platform) IsManaged() bool { return p != Plain && p != "" }

// PlatformOf recognises a service by the procedures that it has put into the database mysql.
func PlatformOf(procedures []string, isAurora bool) Platform {
	switch {
	case slices.Contains(procedures, "rds_stop_replication") && isAurora:
		return Aurora
	case slices.Contains(procedures, "rds_stop_replication"):
		return RDS
	case slices.Contains(procedures, "az_replication_stop"):
		return Azure
	case slices.Contains(procedures, "skipTransactionWithGtid"):
		return CloudSQL
	}
	return Plain
}

// rdsLog is how RDS names its servers' logs.
var rdsLog = regexp.MustCompile(`^mysql-bin-changelog\.[0-9]+$`)

// PlatformOfLog recognises a service by the name of one of the source's logs.
func PlatformOfLog(name string) Platform {
	if rdsLog.MatchString(name) {
		return RDS
	}
	return Plain
}

// KeepLogs says how the source of a replica is told to keep its logs for some hours. The name of a log tells whether the source is on RDS
// or Aurora.
func (p Platform) KeepLogs(log string, hours int) string {
	call := fmt.Sprintf("CALL mysql.rds_set_configuration('binlog retention hours', %d)", hours)
	if hours > 168 {
		call += ", of which RDS takes 168 at most and Aurora 2160"
	}
	expire := fmt.Sprintf("binlog_expire_logs_seconds of %d or more, or what its service has instead", hours*3600)
	switch {
	case PlatformOfLog(log) == RDS:
		return call
	case p == RDS, p == Aurora:
		return "on RDS and Aurora " + call + "; elsewhere " + expire
	}
	return expire
}

// managed is the procedure that stops or starts replication; "" if there is none.
func (c *Commands) managed(what string) string {
	switch c.Platform {
	case RDS, Aurora:
		return c.ofChannel("rds_" + what + "_replication")
	case Azure:
		return "CALL mysql.az_replication_" + what + ";"
	}
	return ""
}

// hasChannel reports whether the procedures have to name the channel. Only RDS for MySQL has channels, since 5.7.44 and 8.0.35.
func (c *Commands) hasChannel() bool {
	since := c.dialect.MySQLSince(8, 0, 35) || c.Version.Major == 5 && c.dialect.MySQLSince(5, 7, 44)
	return c.Channel != "" && c.Platform == RDS && since
}

// ofChannel calls a procedure of RDS, for the channel where it has one for channels.
func (c *Commands) ofChannel(procedure string, arguments ...string) string {
	if c.hasChannel() {
		procedure += "_for_channel"
		arguments = append(arguments, c.quote(c.Channel))
	}
	call := "CALL mysql." + procedure
	if len(arguments) > 0 {
		call += "(" + strings.Join(arguments, ", ") + ")"
	}
	return call + ";"
}

// byHand is how to start replication if no statement does.
const byHand = "# gcloud sql instances patch INSTANCE --enable-database-replication"

// isTried reports whether the procedures were called on a real server. The endtoend tests have some with the names and effects of
// those of RDS, called by an account with the grants that RDS documents.
func (c *Commands) isTried() bool {
	return (c.Platform == RDS || c.Platform == Aurora) && !c.hasChannel()
}

// Known says where what is written here of a managed service is from.
func (c *Commands) Known() string {
	if c.isTried() {
		return "the procedures of " + string(c.Platform) + " were tried with ones of their names on a real server, by an account with the grants that " +
			"RDS documents. Nothing was tried on the service itself."
	}
	return "the procedures of " + string(c.Platform) + " are written as its documentation has them. Nothing of it was tried."
}

// price adds to what a way costs whether it was tried.
func (c *Commands) price(text string) string {
	if c.isTried() {
		return text + " Tried with a procedure of this name, not on the service."
	}
	return text + " From the service's documentation; not tried."
}

// managedWays are the ways past a transaction on managed services.
func (c *Commands) managedWays() []Alternative {
	if c.Class() == Receiver {
		return c.nextLog()
	}
	a := Alternative{
		Title: "Skip the transaction by its GTID",
		Price: c.price("Nothing of it is applied: its rows differ from the source's, and later changes of them fail."),
		Usual: true,
	}
	isRDS := c.Platform == RDS || c.Platform == Aurora
	gtid := "('" + c.GTID + "');"
	switch hasGTID := c.GTID != "" && !c.dialect.MariaDB(); {
	case c.Class() != Rows && c.Class() != Unlike:
		return nil
	case isRDS && hasGTID:
		a.Lines = []string{"CALL mysql.rds_skip_transaction_with_gtid" + gtid, c.Start()}
	case c.Platform == Azure && hasGTID:
		a.Lines = []string{"CALL mysql.az_replication_skip_gtid_transaction" + gtid, c.Start()}
	case c.Platform == CloudSQL && hasGTID:
		a.Lines = []string{"CALL mysql.skipTransactionWithGtid" + gtid, byHand}
	case isRDS:
		a.Title, a.Lines = "Skip the transaction by the counter; the procedure starts replication", []string{c.ofChannel("rds_skip_repl_error")}
	case c.Platform == Azure:
		a.Title, a.Lines = "Skip the transaction by the counter", []string{"CALL mysql.az_replication_skip_counter;", c.Start()}
	default:
		return nil
	}
	return []Alternative{a}
}

// pastEnd matches what a source says when a replica asks for a place after the end of its log.
var pastEnd = regexp.MustCompile(`impossible position|position > file size|from position > `)

var logNumber = regexp.MustCompile(`\.0*([1-9][0-9]*)$`)

// nextLog lets the receiver go on with the source's next log, for a source that lost the end of its last one. Only RDS and Aurora
// have procedures for it. Where the place is found by GTID there is no log to choose.
func (c *Commands) nextLog() []Alternative {
	number := logNumber.FindStringSubmatch(c.Reading.File)
	isRDS := c.Platform == RDS || c.Platform == Aurora
	if !isRDS || c.UsesGTID || number == nil || !pastEnd.MatchString(c.Message) {
		return nil
	}
	procedure := "rds_next_master_log"
	if c.hasChannel() || c.dialect.MySQLSince(8, 4, 0) || c.Platform == Aurora && c.dialect.MySQLSince(8, 0, 0) {
		procedure = "rds_next_source_log"
	}
	return []Alternative{{
		Title: "Go on at the beginning of the source's next log",
		Price: c.price("For a source that failed over, and came back without the end of this log. What it logged there and lost is applied on the replica " +
			"or not: compare the tables."),
		Lines: []string{c.ofChannel(procedure, number[1])},
		Usual: true,
	}}
}

// IsGroup reports whether the channel is one of group replication's own, which accept no commands: the whole member has to be
// stopped and started (error 3139).
func (c *Commands) IsGroup() bool {
	return !c.dialect.MariaDB() && (c.Channel == "group_replication_applier" || c.Channel == "group_replication_recovery")
}

// groupWays are the ways past a transaction in group replication.
func (c *Commands) groupWays() []Alternative {
	if c.GTID == "" || c.Class() != Rows && c.Class() != Unlike {
		return nil
	}
	return []Alternative{{
		Title: "Skip the transaction by its GTID: put an empty one in its place",
		Price: "Nothing of it is applied: the member's rows differ from the group's from then on, and later changes of them fail.",
		Lines: []string{
			c.Stop(),
			"SET GLOBAL super_read_only=0;",
			"SET GTID_NEXT='" + c.GTID + "'; BEGIN; COMMIT; SET GTID_NEXT='AUTOMATIC';",
			c.Start(),
		},
		Usual: true,
	}}
}
