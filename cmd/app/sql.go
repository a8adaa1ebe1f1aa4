package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

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
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "rollback", Destination: &o.rollback, Usage: "print what takes the changes back, newest first", DisableDefaultText: true},
			&cli.IntFlag{Name: "batch", Destination: &o.Batch, Value: 1, Usage: "put up to `N` rows into one statement"},
			&cli.BoolFlag{Name: "full", Destination: &o.Full, Usage: "assign all columns, not only those that change", DisableDefaultText: true},
			&cli.BoolFlag{Name: "as-binlog", Destination: &o.AsBinlog, Usage: "write rows as BINLOG statements, as mysqlbinlog does", DisableDefaultText: true},
			&cli.StringSliceFlag{Name: "rewrite-db", Destination: &o.rewrite, Usage: "rename database A to B: `A->B`; may be repeated"},
			&cli.BoolFlag{Name: "gtids", Destination: &o.GTIDs, Usage: "keep the transactions' GTIDs", DisableDefaultText: true},
			&cli.BoolFlag{Name: "disable-log-bin", Destination: &o.noLog, Aliases: []string{"D"}, DisableDefaultText: true,
				Usage: "keep the changes out of the server's binary log"},
			jsonFlag(&o.json, "print each statement as a JSON object on a line"),
			&cli.StringFlag{Name: "server-version", Action: readAs("server-version", &o.Version, readVersion), DefaultText: "the log's", Usage: "write for `VERSION`, as @@version prints it"},
		}, o.flags()...),
		Action: action(func() error { return r.sql(&o) }),
	}
}

// sqlOptions are what the flags ask for.
type sqlOptions struct {
	replay.Options
	changeFlags
	rollback, noLog bool
	json            bool
	rewrite         cli.StringSlice
}

func (r *session) sql(o *sqlOptions) error {
	o.LogBin, o.Workers = !o.noLog, runtime.GOMAXPROCS(0)
	switch {
	case o.AsBinlog && (o.Batch != 1 || o.Full):
		return &usageError{text: "--as-binlog with --batch or --full: BINLOG statements hold rows as the log has them"}
	case o.Batch < 1:
		return &usageError{text: fmt.Sprintf("--batch: expected 1 or more, found %d", o.Batch)}
	case o.rollback && o.follow:
		return &usageError{text: "--rollback with --follow: what takes changes back begins with the last one"}
	case o.GTIDs && o.rollback:
		return &usageError{text: "--gtids with --rollback: what takes a transaction back is another transaction"}
	case o.GTIDs && !o.LogBin:
		return &usageError{text: "--gtids with --disable-log-bin: a GTID stands for a transaction in the log"}
	}
	var err error
	if o.Rewrite, err = replay.ParseRewrites(o.rewrite.Value()); err != nil {
		return &usageError{text: "--rewrite-db: " + err.Error()}
	}
	lr, err := r.wholeRange(&o.logFlags)
	if err != nil {
		return err
	}
	o.Logs, o.GoesOn = lr.Names, lr.Feed != nil
	open, write := changes.Open, replay.Forward
	if o.rollback {
		open, write = changes.OpenLasting, replay.Backward
	}
	s, done, err := r.changesOf(&o.changeFlags, lr, open)
	if err != nil {
		return err
	}
	defer done()
	if s.Undefined = changes.GiveMissing; o.AsBinlog {
		s.Undefined = changes.GiveAll
	}
	summary, err := r.writeSQL(write, s, o)
	r.noteRemarks(s)
	for _, risk := range summary.Risks() {
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

// writer is replay.Forward or replay.Backward.
type writer = func(context.Context, io.Writer, *changes.Stream, replay.Options) (replay.Summary, error)

// writeSQL writes the SQL in the form that is asked for.
func (r *session) writeSQL(write writer, s *changes.Stream, o *sqlOptions) (replay.Summary, error) {
	if !o.json {
		return write(r.ctx, r.sqlOut(), s, o.Options)
	}
	out := replay.NewJSON(r.jsonOut())
	summary, err := write(r.ctx, out, s, o.Options)
	if err != nil {
		out.Fail(err) // an error stays
		return summary, err
	}
	return summary, out.Close()
}
