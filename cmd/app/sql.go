package app

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/emit/replay"
)

func (r *session) sqlCommand() *cli.Command {
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
in one UPDATE where all get the same values. A row is named by its primary key,
else by a unique key that is not NULL, else by all its columns and LIMIT 1. An
UPDATE assigns the columns that change; with --full, all that the log holds.
Transactions stay as they are. Statements that were logged as such stand in
their place, with the variables of their session.

--rollback prints the inverse of each change, newest first, when all of the
range was read; it needs binlog_row_image=FULL and refuses statements (DDL, and
DML that was not logged as rows). Its temporary file is in $TMPDIR.

The tables' definitions come from --schema, from a server (-S or -h), from
CREATE TABLE in the logs, or from binlog_row_metadata=FULL. The range widens to
whole transactions. The last line of whole output begins with "-- whole"; what
breaks off says why, and ends in ROLLBACK when a transaction is open.

` + filterHelp,
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "rollback", Usage: "print what takes the changes back, newest first", DisableDefaultText: true},
			&cli.IntFlag{Name: "batch", Value: 1, Usage: "put up to `N` rows in a statement"},
			&cli.BoolFlag{Name: "full", Usage: "assign all columns, not only those that change", DisableDefaultText: true},
			&cli.BoolFlag{Name: "gtids", Usage: "keep the transactions' GTIDs", DisableDefaultText: true},
			&cli.BoolFlag{Name: "disable-log-bin", Aliases: []string{"D"}, DisableDefaultText: true,
				Usage: "the server does not write the changes to its log"},
			&cli.StringFlag{Name: "server-version", DefaultText: "the log's", Usage: "write for `VERSION`, as @@version prints it"},
		}, changeFlags()...),
		Action: r.sql,
	}
}

func (r *session) sql(c *cli.Context) error {
	o := replay.Options{Batch: c.Int("batch"), Full: c.Bool("full"), GTIDs: c.Bool("gtids"), LogBin: !c.Bool("disable-log-bin"),
		Workers: runtime.GOMAXPROCS(0)}
	switch {
	case o.Batch < 1:
		return &usageError{text: fmt.Sprintf("--batch: expected 1 or more, found %d", o.Batch)}
	case o.GTIDs && c.Bool("rollback"):
		return &usageError{text: "--gtids with --rollback: what takes a transaction back is another transaction"}
	case o.GTIDs && !o.LogBin:
		return &usageError{text: "--gtids with --disable-log-bin: a GTID stands for a transaction in the log"}
	}
	if c.IsSet("server-version") {
		v, ok := decoder.ParseVersion(c.String("server-version"))
		if !ok {
			return &usageError{text: fmt.Sprintf("--server-version: expected a version such as 8.4.3 or 10.11.6-MariaDB, found %q", c.String("server-version"))}
		}
		o.Version = v
	}
	lr, err := r.wholeRange(c)
	if err != nil {
		return err
	}
	s, err := r.changesOf(c, lr)
	if err != nil {
		return err
	}
	defer s.Close()
	o.About = aboutSQL(c)
	if s.Definitions.Files != nil {
		o.Known = s.Definitions.Files.Tables()
	}
	write := replay.Forward
	if c.Bool("rollback") {
		write = replay.Backward
	}
	summary, err := write(r.ctx, r.sqlOut(), s.Stream, o)
	for _, remark := range s.Definitions.Remarks {
		fmt.Fprintln(r.Err, "note: "+printable(remark))
	}
	for _, risk := range replay.Risks(s.Tables(), o.Known, c.Bool("rollback")) {
		fmt.Fprintln(r.Err, "RISK: "+printable(risk))
	}
	switch {
	case errors.Is(err, replay.ErrNotInvertible):
		return finding{err}
	case err == nil && summary.Rows+summary.Statements == 0:
		return emptyAnswer(s.Account())
	}
	return err
}

// aboutSQL is the comment at the beginning.
func aboutSQL(c *cli.Context) []string {
	title := "The changes of these logs"
	if c.Bool("rollback") {
		title = "What takes back the changes of these logs, newest first"
	}
	var names []string
	for _, name := range c.Args().Slice() {
		names = append(names, filepath.Base(name))
	}
	return []string{title + ": " + strings.Join(names, ", "),
		"written by binmend sql; review it before it runs. Text that the statements hold as hex is shown above them."}
}
