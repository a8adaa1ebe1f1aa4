package app

import (
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/walk"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/track"
)

// changeFlags are the flags of the commands that read row changes: changesOf takes them.
func changeFlags() []cli.Flag {
	return slices.Concat([]cli.Flag{schemaFlag(), schemaAtFlag()}, positionFlags(), filterFlags(), []cli.Flag{whereFlag()},
		readFlags(), connectionFlags())
}

// changeStream is the changes of the range, and what has to be closed behind it.
type changeStream struct {
	*changes.Stream
	closers []io.Closer
}

func (s *changeStream) Close() {
	for _, c := range s.closers {
		c.Close()
	}
}

// changesOf opens the logs of the command line as a stream of changes. The range widens to whole transactions.
func (r *session) changesOf(c *cli.Context, lr walk.Range) (_ *changeStream, err error) {
	o := changes.Options{}
	if o.Where, err = conditionOf(c); err != nil {
		return nil, err
	}
	if o.Filter, err = r.filterFor(c, lr); err != nil {
		return nil, err
	}
	s := &changeStream{}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if o.Definitions, err = r.tablesOf(c, lr, s); err != nil {
		return nil, err
	}
	w, err := lr.Transactions()
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, w)
	w.SetCompleter(schema.Completer(r.ctx, o.Definitions))
	o.Events = w
	s.Stream = changes.NewStream(o)
	return s, nil
}

// lastingChangesOf is changesOf without the rows that were taken back, by ROLLBACK, ROLLBACK TO SAVEPOINT or XA ROLLBACK.
func (r *session) lastingChangesOf(c *cli.Context, lr walk.Range) (*changeStream, error) {
	undone, err := lr.Undone()
	if err != nil {
		return nil, err
	}
	s, err := r.changesOf(c, lr)
	if err == nil {
		s.Undone = undone
	}
	return s, err
}

// noteLeftOut says how much of the logs was left out.
func (r *session) noteLeftOut(s *changeStream) {
	if n := s.LeftOut(); n > 0 {
		fmt.Fprintf(r.Err, "note: %s left out: their changes were rolled back\n", count(n, "row event"))
	}
}

// tablesOf finds definitions in the --schema files, on the server, and in the logs.
func (r *session) tablesOf(c *cli.Context, lr walk.Range, s *changeStream) (*changes.Definitions, error) {
	at, err := schemaAt(c)
	if err != nil {
		return nil, err
	}
	d := &changes.Definitions{At: at}
	if !slices.Contains(lr.Names, standardInput) {
		d.Logs = lr.Logs
	} else if at == track.End {
		return nil, &usageError{text: "--schema-at end reads a log twice, so not from standard input", hint: "save it to a file first"}
	}
	if lr.Start != 0 {
		d.Begin = decoder.Position{File: lr.Names[0], Offset: lr.Start}
	}
	if len(c.StringSlice("schema")) > 0 {
		d.Files, err = r.loadSchema(c)
		return d, err
	}
	server, err := r.connect(c)
	if err != nil || server == nil {
		return d, err
	}
	s.closers = append(s.closers, server)
	d.Live = server.Tables()
	return d, nil
}
