package control

import (
	"fmt"
	"slices"
	"strings"
)

// Alternative is a way past the failing transaction, or a step after it.
type Alternative struct {
	Title string
	Price string   // what it costs, in sentences
	Lines []string // statements; other lines begin with #
	Usual bool     // one of the few usual ones for this error
}

// Alternatives lists the ways past the error other than repairing the rows, the likeliest first. None of them changes the rows
// that differ. None would lose a good transaction: if the receiver has failed, or a setting is wrong, there is nothing to skip.
func (c *Commands) Alternatives() []Alternative {
	switch {
	case c.IsGroup():
		return c.groupWays()
	case c.Platform.IsManaged():
		return c.managedWays()
	}
	var all []Alternative
	add := func(ways ...func() (Alternative, bool)) {
		for _, way := range ways {
			if a, ok := way(); ok {
				all = append(all, a)
			}
		}
	}
	switch c.Class() {
	case Rows:
		add(c.skipByGTID, c.skipByCounter, c.idempotent, c.skipErrors, c.fetchByGTID, c.repointToFailing, c.repointToNext)
	case Unlike:
		add(c.skipByGTID, c.skipByCounter, c.skipErrors, c.fetchByGTID, c.repointToFailing, c.repointToNext)
	case RelayLog:
		if add(c.fetchByGTID, c.fetchByGTIDMariaDB); len(all) == 0 {
			add(c.repointToFailing)
		}
	}
	if len(all) > 0 {
		all[0].Usual = true
	}
	return all
}

func (c *Commands) skipByGTID() (Alternative, bool) {
	switch {
	case c.GTID == "":
		return Alternative{}, false
	case c.dialect.MariaDB():
		return c.skipByGTIDMariaDB()
	}
	return Alternative{
		Title: "Skip the transaction by its GTID: put an empty one in its place",
		Price: "Nothing of it is applied: its rows differ from the source's, and later changes of them fail.",
		Lines: []string{
			c.Stop(),
			"SET GTID_NEXT='" + c.GTID + "'; BEGIN; COMMIT; SET GTID_NEXT='AUTOMATIC';",
			c.Start(),
		},
	}, true
}

// skipByGTIDMariaDB moves the failing domain's position past the transaction. The statement replaces the whole position, so it
// has to repeat the other domains.
func (c *Commands) skipByGTIDMariaDB() (Alternative, bool) {
	if !c.UsesGTID {
		return Alternative{}, false
	}
	a := Alternative{
		Title: "Skip the transaction by its GTID: move gtid_slave_pos past it",
		Price: "Nothing of the transaction is applied; its rows differ from the source's from then on. All connections " +
			"of the replica have to be stopped. The value replaces the position of every domain: a domain that is left " +
			"out is fetched again from its beginning. MariaDB deletes its relay logs when it starts again, so the source must still have what follows.",
	}
	position := c.GTID
	if c.SlavePos == "" {
		a.Lines = append(a.Lines, "# First: SELECT @@GLOBAL.gtid_slave_pos; and keep the GTIDs of the other domains, separated by commas.")
	} else {
		position = c.advanced()
	}
	stop, start := "STOP ALL SLAVES;", "START ALL SLAVES;"
	if !c.mustName() {
		stop, start = c.both("STOP"), c.both("START")
	}
	a.Lines = append(a.Lines, stop, "SET GLOBAL gtid_slave_pos='"+position+"';", start)
	return a, true
}

// advanced is gtid_slave_pos with the failing transaction's GTID in its domain.
func (c *Commands) advanced() string {
	domain, _, _ := strings.Cut(c.GTID, "-")
	positions := c.slavePositions()
	found := false
	for i, p := range positions {
		if strings.HasPrefix(p, domain+"-") {
			positions[i], found = c.GTID, true
		}
	}
	if !found {
		positions = append(positions, c.GTID)
	}
	return strings.Join(positions, ",")
}

// skipByCounter is refused by MySQL while gtid_mode is ON, and by MariaDB's parallel applier when it goes by GTID and
// gtid_slave_pos has several domains.
func (c *Commands) skipByCounter() (Alternative, bool) {
	maria := c.dialect.MariaDB()
	if !maria && c.GTID != "" {
		return Alternative{}, false
	}
	if maria && c.UsesGTID && c.Workers > 0 && len(c.slavePositions()) > 1 {
		return Alternative{}, false
	}
	a := Alternative{
		Title: "Skip the transaction by the counter",
		Price: "Nothing of the next transaction is applied, whichever that is; its rows differ from the source's from then on.",
	}
	if c.dialect.MySQLSince(5, 6, 5) {
		a.Price += " While gtid_mode is ON the server refuses it (error 1858)."
	}
	if c.Workers > 1 {
		a.Price += " With several workers the first transaction that is not applied need not be the failing one: compare " +
			"the position in " + c.Status() + " with this header first."
	}
	if maria && c.UsesGTID {
		a.Price += " With parallel workers and several replication domains the server refuses it (error 1966): move " +
			"gtid_slave_pos instead."
	}
	a.Lines = []string{c.Stop()}
	if maria && c.Channel != "" {
		a.Lines = append(a.Lines, "SET default_master_connection="+c.quote(c.Channel)+";")
	}
	a.Lines = append(a.Lines, "SET GLOBAL sql_"+c.words.variable+"_skip_counter=1;", c.Start())
	return a, true
}

func (c *Commands) idempotent() (Alternative, bool) {
	mode := "SET GLOBAL " + c.words.variable + "_exec_mode="
	return Alternative{
		Title: "Let the applier pass over such errors for a while: IDEMPOTENT mode",
		Price: "It holds for all channels and every transaction until it is set back. An insert takes the place of the row " +
			"with the same key; an update or delete of a missing row is dropped without a word, so missing rows stay missing.",
		Lines: []string{
			mode + "'IDEMPOTENT';",
			c.Start(),
			"# wait until the transaction is applied, then:",
			mode + "'STRICT';",
		},
	}, true
}

func (c *Commands) skipErrors() (Alternative, bool) {
	if c.Errno == 0 {
		return Alternative{}, false
	}
	return Alternative{
		Title: "Let the applier ignore the error number: an option, read when the server starts",
		Price: "It needs two restarts of the server, to set it and to remove it. Until it is removed every statement that " +
			"meets this error is dropped without a word, in all channels. Of all ways this one loses most.",
		Lines: []string{
			"# [mysqld]",
			fmt.Sprintf("# %s_skip_errors = %d", c.words.variable, c.Errno),
		},
	}, true
}

// fetchByGTID is for MySQL: MariaDB drops its relay logs by itself when both threads start by GTID.
func (c *Commands) fetchByGTID() (Alternative, bool) {
	if !c.UsesGTID || c.dialect.MariaDB() {
		return Alternative{}, false
	}
	return Alternative{
		Title: "Fetch again from the source all that is not applied; positioning by GTID finds the place",
		Price: "It helps when the relay log is damaged; the transaction fails again if the rows are not repaired. The " +
			"relay logs are deleted, so the source must still have what is missing.",
		Lines: slices.Concat([]string{c.both("STOP")}, c.reset(), []string{c.both("START")}),
	}, true
}

// fetchByGTIDMariaDB stops and starts both threads, which makes MariaDB drop the relay logs.
func (c *Commands) fetchByGTIDMariaDB() (Alternative, bool) {
	if !c.UsesGTID || !c.dialect.MariaDB() {
		return Alternative{}, false
	}
	return Alternative{
		Title: "Fetch again from the source all that is not applied: by GTID both threads start over",
		Price: "It helps when the relay log is damaged. MariaDB deletes the relay logs when both threads start by GTID, so the source " +
			"must still have what is missing.",
		Lines: []string{c.both("STOP"), c.both("START")},
	}, true
}

func (c *Commands) repointToFailing() (Alternative, bool) {
	if c.Failing.File == "" {
		return Alternative{}, false
	}
	return Alternative{
		Title: "Go back to the failing transaction in the log of the source",
		Price: "For a damaged relay log: the transaction fails again if its rows are not repaired. " + c.repointPrice(),
		Lines: c.repoint(c.Failing),
	}, true
}

func (c *Commands) repointToNext() (Alternative, bool) {
	if c.Next.File == "" {
		return Alternative{}, false
	}
	return Alternative{
		Title: "Go on at the next transaction of the source",
		Price: "Nothing of the failing transaction is applied. " + c.repointPrice(),
		Lines: c.repoint(c.Next),
		Usual: true,
	}, true
}

func (c *Commands) repointPrice() string {
	price := "The relay logs are deleted: the replica's source must be the server that wrote this log, and still have it."
	if c.Workers > 1 {
		price += " With several workers, transactions after it may be applied already and would be applied twice; where " +
			"workers left gaps, the server refuses it (error 1802)."
	}
	switch {
	case c.UsesGTID && c.dialect.MariaDB():
		price += " It ends the use of GTIDs: set MASTER_USE_GTID again afterwards."
	case c.UsesGTID:
		price += " It ends positioning by GTID; what is left out comes back when " + c.words.source + "_AUTO_POSITION is 1 again."
	}
	return price
}

func (c *Commands) repoint(to Coordinates) []string {
	return []string{c.both("STOP"), c.changeSource(to), c.both("START")}
}

// changeSource is the statement that makes the receiver go on at a place in the source's log.
func (c *Commands) changeSource(to Coordinates) string {
	change := fmt.Sprintf("%s %s_LOG_FILE=%s, %s_LOG_POS=%d", c.words.changeSource, c.words.source, c.quote(to.File),
		c.words.source, to.Pos)
	if c.dialect.MariaDB() {
		change = fmt.Sprintf("CHANGE MASTER%s TO MASTER_LOG_FILE=%s, MASTER_LOG_POS=%d", c.connection(), c.quote(to.File), to.Pos)
	}
	switch {
	case c.UsesGTID && c.dialect.MariaDB():
		change += ", MASTER_USE_GTID=no"
	case c.UsesGTID:
		change += ", " + c.words.source + "_AUTO_POSITION=0"
	}
	return change + c.forChannel() + ";"
}
