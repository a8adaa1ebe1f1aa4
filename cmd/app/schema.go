package app

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/cmd/arguments"
	"binmend/emit/list"
	"binmend/schema/track"
)

func (r *session) schemaCommand() *cli.Command {
	var f changeFlags
	var each eachLog
	var asJSON bool
	return &cli.Command{
		Name:      "schema",
		Usage:     "show what was understood of the table definitions",
		ArgsUsage: "--schema FILE | -S SOCKET [LOG...]",
		Flags:     slices.Concat(each.flags(), []cli.Flag{jsonFlag(&asJSON, "print JSON, one object a line")}, f.schemaFlags.flags(), f.openFlags.flags(), f.connectionFlags.flags()),
		Action:    action(func() error { return r.schema(&f, &each, list.TableOptions{JSON: asJSON}) }),
	}
}

// eachLog asks for the tables as they are at the beginning of each log.
type eachLog struct {
	asked bool
	dir   string
}

func (f *eachLog) flags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "at-each-log", Destination: &f.asked, Usage: "write the tables where each log begins", DisableDefaultText: true},
		&cli.StringFlag{Name: "output-dir", Action: readAs("output-dir", &f.dir, arguments.Folder), Usage: "write them to the folder `DIR`"},
	}
}

// check makes sure that there is a folder, and that the tables are followed from files.
func (f *eachLog) check(o *list.TableOptions) error {
	switch {
	case f.asked && o.JSON:
		return &usageError{text: "--json with --at-each-log: that writes files of SQL"}
	case f.asked != (f.dir != ""):
		return &usageError{text: "--at-each-log and --output-dir go together"}
	case f.asked && o.Server != nil:
		return &usageError{text: "--at-each-log with a connection: a server has its tables as they are now", hint: "give a dump with --schema"}
	case f.asked && (len(o.Logs.Names) == 0 || o.Logs.HasStdin()):
		return &usageError{text: "--at-each-log writes a file for each log", hint: "name them, oldest first"}
	}
	return nil
}

func (r *session) schema(f *changeFlags, each *eachLog, o list.TableOptions) error {
	if len(r.files) > 0 {
		rangeOf := r.orderedRange
		if each.asked { // a file without the DDL of a missing log would put values under wrong columns
			rangeOf = r.wholeRange
		}
		lr, err := rangeOf(&f.logFlags)
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
	if err := each.check(&o); err != nil {
		return err
	}
	if each.asked {
		return r.tablesAtEachLog(f, each.dir, o)
	}
	return r.listTables(o)
}

// tablesAtEachLog writes a file for each log into a folder.
func (r *session) tablesAtEachLog(f *changeFlags, dir string, o list.TableOptions) error {
	overall, err := f.columns()
	if err != nil {
		return err
	}
	unknown, rest, err := list.EachLog(r.ctx, dir, o, overall)
	if err != nil {
		return err
	}
	r.note(count(len(o.Logs.Names), "file") + " in " + dir)
	switch {
	case rest != nil:
		return finding{fmt.Errorf("the definitions are whole; the last log could not be read to its end: %w", rest)}
	case unknown > 0:
		return finding{errors.New(count(unknown, "table") + " not known where a log begins: the files say why")}
	case overall.Forgotten > 0:
		return finding{errors.New("too many tables: the columns over all logs are not kept of all, which the files say")}
	}
	return nil
}

func (r *session) listTables(o list.TableOptions) error {
	out := io.Writer(r.out)
	if o.JSON {
		out = r.jsonOut()
	}
	findings, err := list.Tables(r.ctx, out, o)
	if err == nil && findings {
		err = errReported
	}
	return err
}
