package app

import (
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/decoder/walk"
	"binmend/schema/changes"
)

// changeFlags are the flags of the commands that read row changes.
type changeFlags struct {
	schemaFlags
	logFlags
	filterFlags
	connectionFlags
	where *string
}

func (f *changeFlags) flags() []cli.Flag {
	return slices.Concat(f.schemaFlags.flags(), f.positionFlags(), f.filterFlags.flags(), f.fromLogFlags(&f.connectionFlags), []cli.Flag{
		&cli.StringFlag{Name: "where", Action: given(&f.where),
			Usage: "only rows with `CONDITION` before or after the change: 'id=5 and status in (3,4)'"},
	}, f.openFlags.flags(), f.connectionFlags.flags())
}

// opening opens a range as a stream: of all changes, or of those that were not rolled back.
type opening func(context.Context, walk.Range, changes.Options) (*changes.Stream, error)

// changesOf opens a range as a stream of the wanted changes. done closes what it opened.
func (r *session) changesOf(f *changeFlags, lr walk.Range, open opening) (s *changes.Stream, done func(), err error) {
	o, disconnect, err := r.wantedOf(f, lr)
	if err != nil {
		return nil, nil, err
	}
	if s, err = open(r.ctx, lr, o); err != nil {
		disconnect()
		return nil, nil, err
	}
	return s, func() { s.Close(); disconnect() }, nil
}

// wantedOf returns which changes of a range are wanted and how the tables are defined there. done closes what it opened.
func (r *session) wantedOf(f *changeFlags, lr walk.Range) (o changes.Options, done func(), err error) {
	if o.Where, err = conditionOf(f.where); err != nil {
		return o, nil, err
	}
	if o.Filter, err = filterOf(&f.filterFlags, lr); err != nil {
		return o, nil, err
	}
	o.Definitions, done, err = r.definitionsOf(&f.schemaFlags, &f.connectionFlags, lr)
	return o, done, err
}

// doubtful lets a command that succeeded end with a finding when a table definition is in doubt.
func doubtful(s *changes.Stream, err error) error {
	if doubted := s.Definitions.Doubted(); err == nil && doubted != nil {
		return finding{doubted}
	}
	return err
}

// noteUnlogged notes what changes the logs lack.
func (r *session) noteUnlogged(s *changes.Stream) {
	for _, risk := range s.Unlogged() {
		fmt.Fprintln(r.Err, "RISK: "+printable(risk))
	}
}

// noteRemarks notes how much was left out and where the definitions come from.
func (r *session) noteRemarks(s *changes.Stream) {
	if n := s.LeftOut(); n > 0 {
		r.note(count(n, "row event") + " left out: their changes were rolled back")
	}
	for _, doubt := range slices.Concat(s.Definitions.Doubts, s.Definitions.Risks) {
		fmt.Fprintln(r.Err, "RISK: "+printable(doubt))
	}
	r.note(slices.Concat(s.Definitions.Remarks, s.Account().Unmatched(flagOf))...)
}
