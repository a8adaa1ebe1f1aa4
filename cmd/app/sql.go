package app

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/emit/replay"
	"binmend/schema/changes"
)

func (r *session) sqlCommand() *cli.Command {
	var o sqlOptions
	return &cli.Command{
		Name:      "sql",
		Usage:     "print the changes of logs as SQL, or what takes them back",
		ArgsUsage: "[--rollback] [flags] LOG...",
		Description: `  binmend sql --schema schema.sql binlog.000001 | less
  binmend sql --table shop.orders --where 'id=42' binlog.000001
  binmend sql --rollback --start-position 1965 --stop-position 2662 \
    binlog.000001 > undo.sql
  binmend sql --gtids binlog.000001 binlog.000002 | mysql

One statement for each row, or up to --batch N rows in one INSERT or DELETE, and
in one UPDATE where all get the same values. A row is identified by its primary
key, else by a unique key that is not NULL, else by all its columns and LIMIT 1. An
UPDATE assigns the columns that change; with --full, all that the log holds.
Transactions stay as they are. Statements that were logged as such keep their
place, with the variables of their session.

Rows of tables that have triggers, by their definition or by the logs, are
BINLOG statements, which fire none: what triggers did is in the log. So are
those of MariaDB's system-versioned tables, whose history stays as it was. With
--as-binlog all rows are, for triggers that are not known and for tables
without a definition. --rewrite-db renames the database of rows and USE.

--rollback prints the inverse of each change, newest first, when all of the
range was read; it needs binlog_row_image=FULL and refuses statements (DDL, and
DML that was not logged as rows). MariaDB's sequences keep the value that they
have. Its temporary file is in $TMPDIR.

The tables' definitions come from --schema, from a server (-S or -h), from
CREATE TABLE in the logs, or from binlog_row_metadata=FULL. Rows of a table that
has none are BINLOG statements, with a RISK line. The range widens to
whole transactions. The last line of whole output begins with "-- whole"; output
that breaks off says why, and ends in ROLLBACK when a transaction is open.

` + filterHelp,
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "rollback", Destination: &o.rollback, Usage: "print what takes the changes back, newest first", DisableDefaultText: true},
			&cli.IntFlag{Name: "batch", Destination: &o.Batch, Value: 1, Usage: "put up to `N` rows into one statement"},
			&cli.BoolFlag{Name: "full", Destination: &o.Full, Usage: "assign all columns, not only those that change", DisableDefaultText: true},
			&cli.BoolFlag{Name: "as-binlog", Destination: &o.AsBinlog, Usage: "write rows as BINLOG statements, as mysqlbinlog does", DisableDefaultText: true},
			&cli.StringSliceFlag{Name: "rewrite-db", Destination: &o.rewrite, Usage: "rename database A to B: `A->B`; may be repeated"},
			&cli.BoolFlag{Name: "gtids", Destination: &o.GTIDs, Usage: "keep the transactions' GTIDs", DisableDefaultText: true},
			&cli.BoolFlag{Name: "disable-log-bin", Destination: &o.noLog, Aliases: []string{"D"}, DisableDefaultText: true,
				Usage: "keep the changes out of the server's binary log"},
			&cli.StringFlag{Name: "server-version", Action: given(&o.version), DefaultText: "the log's", Usage: "write for `VERSION`, as @@version prints it"},
		}, o.flags()...),
		Action: action(func() error { return r.sql(&o) }),
	}
}

// sqlOptions are what the flags ask for.
type sqlOptions struct {
	replay.Options
	changeFlags
	rollback, noLog bool
	version         *string
	rewrite         cli.StringSlice
}

func (r *session) sql(o *sqlOptions) error {
	o.LogBin, o.Workers = !o.noLog, runtime.GOMAXPROCS(0)
	switch {
	case o.AsBinlog && (o.Batch != 1 || o.Full):
		return &usageError{text: "--as-binlog with --batch or --full: BINLOG statements hold rows as the log has them"}
	case o.Batch < 1:
		return &usageError{text: fmt.Sprintf("--batch: expected 1 or more, found %d", o.Batch)}
	case o.GTIDs && o.rollback:
		return &usageError{text: "--gtids with --rollback: what takes a transaction back is another transaction"}
	case o.GTIDs && !o.LogBin:
		return &usageError{text: "--gtids with --disable-log-bin: a GTID stands for a transaction in the log"}
	}
	var err error
	if o.Version, err = readVersion("server-version", o.version); err != nil {
		return err
	}
	if o.Rewrite, err = replay.ParseRewrites(o.rewrite.Value()); err != nil {
		return &usageError{text: "--rewrite-db: " + err.Error()}
	}
	lr, err := r.wholeRange(&o.logFlags)
	if err != nil {
		return err
	}
	o.Logs = lr.Names
	s, done, err := r.changesOf(&o.changeFlags, lr, changes.Open)
	if err != nil {
		return err
	}
	defer done()
	if s.Undefined = changes.GiveMissing; o.AsBinlog {
		s.Undefined = changes.GiveAll
	}
	write := replay.Forward
	if o.rollback {
		write = replay.Backward
	}
	summary, err := write(r.ctx, r.sqlOut(), s, o.Options)
	r.noteRemarks(s)
	for _, risk := range slices.Concat(replay.Risks(s.Tables(), o.rollback), summary.Risks()) {
		fmt.Fprintln(r.Err, "RISK: "+printable(risk))
	}
	switch {
	case errors.Is(err, replay.ErrNotInvertible):
		return finding{err}
	case err == nil && summary.Rows+summary.Statements == 0:
		return emptyAnswer(s.Account())
	}
	return doubtful(s, err)
}
