package app

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/decoder/txn"
	"binmend/emit/control"
	"binmend/emit/plan"
	"binmend/emit/script"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/live"
	"binmend/schema/replica"
)

func (r *session) fixCommand() *cli.Command {
	return &cli.Command{
		Name:      "fix",
		Usage:     "print the SQL that lets the failing transaction apply",
		ArgsUsage: "-S SOCKET [flags] | --status FILE --schema FILE [flags] LOG...",
		Description: `  binmend fix -S /run/mysqld/mysqld.sock -u root > fix.sql
  less fix.sql
  mysql < fix.sql

  mysql -E -e 'SHOW REPLICA STATUS' > status.txt
  mysqldump --no-data --databases shop > schema.sql
  binmend fix --status status.txt --schema schema.sql relay-bin.000002 > fix.sql
  less fix.sql
  mysql < fix.sql

  binmend fix -h replica7 -u doctor -p --source-host db1 --source-user repl
  binmend fix --gtid b15e4f71-e566-11f1-89b6-02fc00000001:8 \
    --schema schema.sql binlog.000001
  binmend fix --start-position 1965 --schema schema.sql relay-bin.00000*

Run it for the replica that stopped with 1062 (duplicate key) or 1032 (row not
found). On the replica's own host a connection is all that it needs: the status,
the relay logs, the tables and the version come from there. It connects only
when a flag of the connection is given; its session is read only and sends
nothing but SELECT and SHOW. LOG, --status and --schema come before what the
server says. --relay-log-dir is for relay logs that are mounted from elsewhere.
Where they can't be read, --source-host lets it read the transaction, and no
more than that, from the source's log, as a replica does (REPLICATION SLAVE).

Without a connection give the relay log that Relay_Log_File names and those
after it, oldest first; when a transaction begins in the log before, give that
too. With several appliers paste the rows of
performance_schema.replication_applier_status_by_worker after the status. Any
form of it will do: with \G, as a table, TSV, CSV, JSON, XML or HTML, out of a
mail or a log; so will the line of the error log.

--schema may be repeated. A dump made on the stopped replica has the tables as
the failing transaction needs them. Where it does not fit, and for tables that it
does not have, the DDL in the logs is followed from the beginning of the first
one: a log that holds a table's CREATE TABLE needs no dump of it. Of a dump from
another time --schema-at start says that it is from before the first log, and
--schema-at end from after the last.

Offsets are those that "binmend events" prints, or Relay_Log_Pos; the range
widens to whole transactions, and --start-position alone means the one
transaction there. Encrypted logs need --keyring (MySQL) or --file-key (MariaDB).

--probe asks the replica which statements of the script would change something
there, with SELECTs of many keys each, and prints only those, each under what the
replica has. A row in the way that the source has too, under another key, is put
back as the source had it: later transactions in the relay logs tell, and
--source-host lets it ask the source; else the script says that it is not known.
--undo FILE writes a second script beside, which takes the repair back: it puts
back exactly the rows that the repair removes or overwrites, and removes those
that it adds, as long as the transaction has not been applied. Both need a
connection.

--ahead N plans the N transactions behind the failing one in the relay logs as
well, and --ahead all every one that has arrived, so that one script lets them
all apply. Those that parallel appliers have applied already are left out; the
status tells which. It ends before rows of a table that DDL in the range alters,
and before a statement that changes rows by itself. Memory grows with the
distinct rows that the range touches.

The repair covers all that the whole transaction needs, not only the row of the
error message. --database, --table and --exclude-table leave out tables that the
replica does not apply (replicate-ignore-table and the like). Exit code 1: the script says what the log alone can't repair.`,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "status", Usage: "`FILE` with the pasted status; - is standard input"},
			schemaFlag(),
			schemaAtFlag(),
			&cli.StringFlag{Name: "gtid", Usage: "repair the transaction `GTID`"},
			aheadFlag(),
			&cli.IntFlag{Name: "error", Usage: "only what error `N` needs: 1062 or 1032", DefaultText: "all"},
			&cli.StringFlag{Name: "channel", Usage: "repair the channel or connection `NAME`", DefaultText: "the failed one"},
			&cli.StringFlag{Name: "replica-version", Usage: "write for `VERSION`, as @@version prints it", DefaultText: "the log's"},
			&cli.BoolFlag{Name: "log-bin", Usage: "write the repair to the replica's binary log", DisableDefaultText: true},
			colorFlag(),
			&cli.StringFlag{Name: "relay-log-dir", DefaultText: "the server's", Usage: "the relay logs are in folder `DIR`"},
		}, tableFlags(), probeFlags(), positionFlags(), readFlags(), connectionFlags(), sourceFlags()),
		Action: r.fix,
	}
}

func (r *session) fix(c *cli.Context) error {
	if err := checkColor(c); err != nil {
		return err
	}
	server, err := r.connect(c)
	if err != nil {
		return err
	}
	if server != nil {
		defer server.Close()
	}
	source, err := r.connectSource(c)
	if err != nil {
		return err
	}
	if source != nil {
		defer source.Close()
	}
	return r.fixOne(c, repairOf{server: server, source: source, out: r.out, color: r.useColor(c.String("color"))})
}

// repairOf is what the repair of one replica has of its own; the flags are the same for all that a run repairs.
type repairOf struct {
	server *live.Server    // nil without a connection
	source *live.Server    // nil without --source-host
	status *replica.Status // nil: --status or the server tells it
	out    io.Writer
	color  bool
}

// fixOne writes the script for one replica. An error that is a finding comes with a whole script.
func (r *session) fixOne(c *cli.Context, of repairOf) error {
	t, err := r.targetOf(c, of)
	if t != nil {
		defer r.temporary.remove(t.dir)
	}
	if err != nil {
		return t.orMovedOn(r.ctx, err)
	}
	version, err := t.replicaVersion(c.String("replica-version"))
	if err != nil {
		return err
	}
	in := script.Input{LogBin: c.Bool("log-bin"), Color: of.color}
	in.Replica = t.replica(version)
	if err := t.narrow(c, &in); err != nil {
		return err
	}
	if c.IsSet("channel") {
		in.Replica.Channel = c.String("channel")
	}
	if !control.RepairedByRows(in.Replica.Errno) {
		in.Facts = t.facts([]txn.Transaction{t.first})
		if err := script.Write(of.out, in); err != nil {
			return err
		}
		return errReported
	}
	return t.orMovedOn(r.ctx, r.repair(c, t, in, of.out))
}

// narrow takes --error. With a status, which names its own error, it can only choose a half of the repair.
func (t *target) narrow(c *cli.Context, in *script.Input) error {
	errno := c.Int("error")
	switch {
	case !c.IsSet("error"):
	case t.failure == nil:
		in.Replica.Errno = errno
	case errno != 1062 && errno != 1032:
		return &usageError{text: fmt.Sprintf("--error: expected 1062 or 1032, found %d", errno), hint: "the status names the error; leave --error out"}
	}
	return nil
}

// repair plans the rows and writes the script with them.
func (r *session) repair(c *cli.Context, t *target, in script.Input, out io.Writer) error {
	wanted, err := aheadOf(c)
	if err != nil {
		return err
	}
	if err := t.lookAhead(r.ctx, wanted); err != nil {
		return err
	}
	tables, err := r.definitionsOf(c, t)
	if err != nil {
		return err
	}
	found, err := t.gather(r.ctx, tables)
	if err != nil {
		return err
	}
	if found.rows == 0 && t.failure == nil {
		return finding{&noRowsError{found, slices.Concat(t.shortened, found.choice(), tables.Remarks)}}
	}
	in.Plan = found.plan(c.Int("error"))
	if err := r.probe(c, t, found, &in); err != nil {
		return err
	}
	in.Facts = t.facts(found.transactions)
	in.Facts.Writer = found.writer
	in.Facts.Schema = sources(in.Plan.Tables)
	in.Facts.Notes = slices.Concat(in.Facts.Notes, t.shortened, found.choice(), found.notes(), tables.Remarks)
	if err := writeUndo(c, in); err != nil {
		return err
	}
	if err := script.Write(out, in); err != nil {
		return err
	}
	return openEnds(&in, sqltext.For(in.Replica.Version), len(found.statements)+found.more)
}

// plan is all that the changes need, or the half that one error number asks for.
func (g *gathered) plan(errno int) *plan.Plan {
	switch errno {
	case 1062:
		return g.planner.Absences()
	case 1032:
		return g.planner.Presences()
	}
	return g.planner.Plan()
}

// choice tells what a filter of tables has left out.
func (g *gathered) choice() []string {
	if g.filtered == "" {
		return nil
	}
	return []string{"only the tables that were asked for are repaired: " + g.filtered}
}

// notes tell the reviewer what the repair does not cover.
func (g *gathered) notes() []string {
	if len(g.statements) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s logged as such, not as rows, and not covered by this repair: %s",
		count(len(g.statements)+g.more, "statement"), g.listed())}
}

// listed are the statements, the first few.
func (g *gathered) listed() string {
	list := strings.Join(g.statements, " · ")
	if g.more > 0 {
		list += fmt.Sprintf(" · and %d more", g.more)
	}
	return list
}

// noRowsError: the range that was asked for changes no row.
type noRowsError struct {
	*gathered
	remarks []string // why rows in it do not count
}

func (e *noRowsError) Error() string {
	if len(e.remarks) > 0 {
		return "the range holds no row changes to repair: " + strings.Join(e.remarks, "; ")
	}
	if len(e.statements) > 0 {
		return "the range holds no row changes, only statements: " + e.listed()
	}
	return "the range holds no row changes"
}

func (e *noRowsError) Hint() string {
	if !e.writer.AtLeast(5, 1, 0) {
		return "the log is of MySQL " + e.writer.Text + ": no server before 5.1 writes row events"
	}
	return "binmend events --transactions shows which transaction changes which rows"
}

// sources names where the tables came from, each once.
func sources(tables []*schema.Table) []string {
	var out []string
	for _, t := range tables {
		source := t.Source
		if !strings.Contains(source, " at ") { // a statement of the log is named with its place
			source, _, _ = strings.Cut(source, ":")
		}
		if !slices.Contains(out, source) {
			out = append(out, source)
		}
	}
	return out
}
