package control

import (
	"regexp"
	"slices"
	"strings"
)

// Platform is who runs the replica. Managed services let nobody stop an applier or set sql_log_bin: they have procedures
// instead. What is known of these is from the services' documentation.
type Platform string

const (
	Plain    Platform = "plain"
	RDS      Platform = "rds"
	Aurora   Platform = "aurora"
	Azure    Platform = "azure"
	CloudSQL Platform = "cloudsql"
)

// Platforms are all of them.
var Platforms = []Platform{Plain, RDS, Aurora, Azure, CloudSQL}

// PlatformList lists them for people.
func PlatformList() string {
	var names []string
	for _, p := range Platforms {
		names = append(names, string(p))
	}
	return strings.Join(names, ", ")
}

// IsManaged reports whether a service runs the replica.
func (p Platform) IsManaged() bool { return p != Plain && p != "" }

// PlatformOf tells a service by the procedures that it has put into the database mysql.
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

// rdsLog is what RDS names the logs of its servers.
var rdsLog = regexp.MustCompile(`^mysql-bin-changelog\.[0-9]+$`)

// PlatformOfLog tells a service by the name of a log of the source.
func PlatformOfLog(name string) Platform {
	if rdsLog.MatchString(name) {
		return RDS
	}
	return Plain
}

// managed is the procedure that stops or starts replication; "" where there is none.
func (c *Commands) managed(what string) string {
	switch c.Platform {
	case RDS, Aurora:
		if c.Channel != "" {
			return "CALL mysql.rds_" + what + "_replication_for_channel(" + c.quote(c.Channel) + ");"
		}
		return "CALL mysql.rds_" + what + "_replication;"
	case Azure:
		return "CALL mysql.az_replication_" + what + ";"
	}
	return ""
}

// byHand is how replication is started where no statement does it.
const byHand = "# gcloud sql instances patch INSTANCE --enable-database-replication"

const documented = " As the service's documentation has it."

// managedWays are the ways past a transaction that services offer.
func (c *Commands) managedWays() []Alternative {
	a := Alternative{
		Title: "Skip the transaction by its GTID",
		Price: "Nothing of it is applied: its rows differ from the source's, and later changes of them fail." + documented,
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
		a.Title, a.Lines = "Skip the transaction by the counter; the procedure starts replication", []string{"CALL mysql.rds_skip_repl_error;"}
	case c.Platform == Azure:
		a.Title, a.Lines = "Skip the transaction by the counter", []string{"CALL mysql.az_replication_skip_counter;", c.Start()}
	default:
		return nil
	}
	return []Alternative{a}
}

// IsGroup reports whether the channel is one of group replication's own, which take no command: the whole member has to be
// stopped and started (error 3139).
func (c *Commands) IsGroup() bool {
	return !c.dialect.MariaDB() && (c.Channel == "group_replication_applier" || c.Channel == "group_replication_recovery")
}

// groupWays are the ways past a transaction of a group.
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
