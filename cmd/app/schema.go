package app

import (
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/emit/list"
	"binmend/schema/track"
)

func (r *session) schemaCommand() *cli.Command {
	var f changeFlags
	return &cli.Command{
		Name:      "schema",
		Usage:     "show what was understood of the table definitions",
		ArgsUsage: "--schema FILE | -S SOCKET [LOG...]",
		Description: `  binmend schema --schema schema.sql
  binmend schema --schema schema.sql relay-bin.000002
  binmend schema binlog.000001 binlog.000002
  binmend schema -S /run/mysqld/mysqld.sock relay-bin.000002

Lists each table with its unique keys, and every part of the files that was not
understood. With logs: the tables whose rows are in them, as they are at those
rows, and where a definition disagrees with the log. The DDL in the logs is
followed: a table is listed again when it has changed, and one that the logs
create needs no file. --schema-at start says that the files are from before the
first log, --schema-at end from after the last; without it, what fits counts.
With a connection: the server's tables as they are, with logs those that the logs
change, and where they disagree. The flags of a connection are those of "fix".
Exit code 1 when there is anything to look at.`,
		Flags:  slices.Concat(f.schemaFlags.flags(), f.openFlags.flags(), f.connectionFlags.flags()),
		Action: action(func() error { return r.schema(&f) }),
	}
}

func (r *session) schema(f *changeFlags) error {
	o := list.TableOptions{}
	if len(r.files) > 0 {
		lr, err := r.orderedRange(&f.logFlags)
		if err != nil {
			return err
		}
		o.Logs = lr.Logs
	}
	server, err := r.connect(&f.connectionFlags)
	if err != nil {
		return err
	}
	switch given := f.given(); {
	case server != nil:
		defer server.Close()
		o.Server = server
		if given {
			return &usageError{text: "--schema and a connection: which of them has the tables?"}
		}
	case given:
		if o.Files, err = f.load(); err != nil {
			return err
		}
	case len(o.Logs.Names) == 0:
		return &usageError{text: "no --schema given", hint: schemaHint}
	}
	if o.At, err = f.at(); err != nil {
		return err
	}
	if o.At == track.End && o.Logs.HasStdin() {
		return errEndNeedsFiles
	}
	findings, err := list.Tables(r.ctx, r.out, o)
	switch {
	case err != nil:
		return err
	case findings:
		return errReported
	}
	return nil
}
