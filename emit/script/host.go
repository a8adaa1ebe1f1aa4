package script

import (
	"fmt"
	"slices"
	"strings"

	"binmend/emit/control"
	"binmend/schema"
)

// logged reports whether the statements go to the replica's binary log because it can't be avoided there.
func (c *composer) logged() bool {
	return c.options.NoSQLLogBin || c.repair.Replica.Platform.IsManaged()
}

// isSuperReadOnly reports whether the script has to turn super_read_only off: if it is on, and in a group, where every stopped member
// has it on.
func (c *composer) isSuperReadOnly() bool {
	return c.commands.IsGroup() || c.repair.Replica.SuperReadOnly && !c.repair.Replica.Platform.IsManaged()
}

const reach = "The replica's own replicas run them, too, and stop with 1032 or 1062 where their rows don't differ as this one's do."

// hostRisks writes what of the replica's server a reviewer has to know.
func (c *composer) hostRisks() {
	c.binlogRisks()
	c.applierRisks()
	if c.repair.Host != nil {
		c.settingRisks()
	}
}

// binlogRisks writes what the replica's own replicas get.
func (c *composer) binlogRisks() {
	host := c.repair.Host
	switch {
	case c.logged():
		c.risk("the statements are written to the replica's binary log, if it writes one, under GTIDs of its own. The source does not " +
			"have these: they are errant when the replica is promoted. " + reach)
	case c.options.LogBin:
		c.risk("the statements are written to the replica's binary log, if it writes one. " + reach)
	}
	switch isMariaDB := c.options.LogBin && c.dialect.MariaDB(); {
	case isMariaDB && host == nil:
		c.risk("if the replica has gtid_strict_mode and log_slave_updates on, " + control.StrictGTID)
	case isMariaDB && host.GTIDStrict:
		c.risk("gtid_strict_mode is on: " + control.StrictGTID)
	}
}

// applierRisks writes what stopping and starting the applier does, or not being able to.
func (c *composer) applierRisks() {
	if c.options.NoStop {
		c.risk("the script does not stop the applier. If it runs, or somebody starts it before COMMIT, it meets rows that are " +
			"repaired in part: make sure that it is stopped, and start it afterwards.")
	}
	if c.commands.LosesGaps() {
		c.risk("workers have left gaps: they have applied transactions after some that are not applied. A server of this version that only starts the applier "+
			"again may pass over those, and lose them. %s", c.afterGaps())
	}
	if c.commands.Unordered && !c.commands.LosesGaps() {
		c.risk("without GTIDs it can't be told whether workers have applied transactions after this one (with %s they have not). Where they have, the server "+
			"may pass over others when it starts: compare the rows afterwards (binmend compare).", c.commands.CommitOrder())
	}
	if c.commands.DropsRelayLogs() && !c.options.NoStop {
		c.risk("the replica deletes its relay logs when it is started again, and fetches what it has not applied once more. If the source is " +
			"gone, or has purged its log from this transaction on, that is lost: see first that the source has it, or copy the relay logs.")
	}
	if c.repair.Replica.Platform.IsManaged() {
		c.risk("%s", c.commands.Known())
	}
	if host := c.repair.Host; host != nil && host.ReadOnly && c.repair.Replica.Platform.IsManaged() {
		c.risk("read_only is on, and the script can't turn it off there: do that in the service's parameters while the script runs.")
	}
	if c.commands.IsGroup() {
		c.risk("the member leaves its group while the script runs. Until it is back, the group has one member less.")
	}
}

// settingRisks writes what the server's settings and roles do to the statements.
func (c *composer) settingRisks() {
	host := c.repair.Host
	if host.TransactionReadOnly != "" {
		c.risk("%s", control.ReadOnlyTransactions(host.TransactionReadOnly))
	}
	for _, database := range host.Locked {
		if slices.ContainsFunc(c.plan.Tables, func(t *schema.Table) bool { return t.Database == database }) {
			c.risk("%s", control.LockedDatabase(c.dialect, database))
		}
	}
	if c.repair.IsOwn {
		c.risk("this server wrote the transaction itself and applies it once more (replicate_same_server_id): the source's tables are here, too. " +
			"See that the statements name the replica's.")
	}
	if host.Galera {
		c.risk("the replica is a node of a Galera cluster: its other nodes get the statements too, sql_log_bin=0 or not. See whether " +
			"they differ in these rows as this one does.")
	}
	if host.InGroup && !c.commands.IsGroup() && !c.options.LogBin {
		c.risk("the replica is a member of a group: with sql_log_bin=0 the other members don't get the statements. Where they differ in " +
			"the same rows, they have to be written to the binary log, on the primary.")
	}
}

// afterGaps says how the applier starts without a loss.
func (c *composer) afterGaps() string {
	switch {
	case c.repair.Replica.Platform.IsManaged():
		return "The service has no other way to start it: look afterwards for gaps that stay in gtid_executed, and compare the rows (binmend compare)."
	case c.repair.Replica.UsesGTID:
		return "So what it has not applied is fetched again."
	case c.commands.Refetches():
		return fmt.Sprintf("So what it has not applied is fetched again, from %s:%d on. What an earlier start passed over is before that: look afterwards for gaps that stay in "+
			"gtid_executed; with auto position they are fetched, too.", c.commands.Applied.File, c.commands.Applied.Pos)
	}
	return "So the script does not start it: restart the server first, with skip_slave_start. Then look for errors before you start it a second time: each one needs this again."
}

// account names what the account of the connection lacks to run the script, with the GRANT of each.
func (c *composer) account() {
	host := c.repair.Host
	if host == nil || host.Grants.Unknown || host.Grants.Account == "" {
		return
	}
	lacks := append(c.missingGlobally(), c.missingOnTables()...)
	if len(lacks) == 0 {
		return
	}
	var uses []string
	for _, l := range lacks {
		uses = append(uses, l.For)
	}
	c.text("The account " + host.Grants.Account + " of this connection can't run the script. It lacks, for " + strings.Join(uses, "; ") + ":")
	for _, l := range lacks {
		c.line("  " + l.Grant + " TO " + host.Grants.Account + ";")
	}
}

// missingGlobally are the privileges on *.* that the statements need.
func (c *composer) missingGlobally() []control.Lack {
	host := c.repair.Host
	isManaged := c.repair.Replica.Platform.IsManaged()
	return c.commands.Lacking(&host.Grants, control.Uses{
		LogBin:        !c.options.LogBin,
		Stops:         !c.options.NoStop && !isManaged && !c.commands.IsGroup(),
		Group:         !c.options.NoStop && c.commands.IsGroup(),
		ReadOnly:      host.ReadOnly && !isManaged,
		SuperReadOnly: c.isSuperReadOnly(),
	})
}

// missingOnTables are the privileges on the tables that the statements need: those that remove rows read them as well.
func (c *composer) missingOnTables() (lacks []control.Lack) {
	lacking := func(t *schema.Table, privileges ...string) {
		if l, ok := control.LackingOn(c.dialect, &c.repair.Host.Grants, t, privileges...); ok {
			lacks = append(lacks, l)
		}
	}
	for _, t := range c.plan.Tables {
		deletes, replaces := c.count(t)
		lacking(t, c.tablePrivileges(t, deletes, replaces)...)
	}
	for _, w := range c.triggered {
		if !slices.ContainsFunc(c.plan.Tables, w.Table.IsNamedLike) {
			lacking(w.Table, "SELECT", "DELETE")
		}
	}
	return lacks
}

func (c *composer) tablePrivileges(t *schema.Table, deletes, replaces int) (all []string) {
	if deletes+replaces == 0 {
		return nil
	}
	all = append(all, "SELECT", "DELETE")
	if replaces > 0 {
		all = slices.Insert(all, 1, "INSERT")
	}
	if replaces > 0 && t.IsDelicate() {
		all = slices.Insert(all, 2, "UPDATE")
	}
	return all
}
