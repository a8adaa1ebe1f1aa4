// Package span finds out what a span of logs says of the rows that it touches. In go logs, how far a replica has applied them, and
// the replica's tables; out come, table by table and key by key, each row's last image or that it is deleted, the values of unique
// keys that it has had, and the whole content of the tables that the span makes or empties. What the logs do not tell is counted
// with the reason, and is never guessed: of rows before a statement that changed rows by itself, before an ALTER TABLE that may
// have changed their values, before a change that foreign keys hand on, nothing is known until an event has their images again.
//
// Memory is bounded, whatever the span holds: the changes go through package runs. It asks the server for nothing but the
// definitions of tables, and writes no SQL.
package span

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/filter"
	"binmend/decoder/gtid"
	"binmend/decoder/walk"
	"binmend/emit/runs"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/replica"
)

// Options say what to read.
type Options struct {
	Range    walk.Range
	Progress Progress
	Filters  replica.Filters
	Effects  Effects
	Server   schema.Resolver // the replica's own tables; live.ErrNoTable where it has none
	// Definitions makes what finds the tables as they were when rows were logged. It is asked for each walk over the rows.
	Definitions func() *changes.Definitions
	Dialect     sqltext.Dialect // the replica's, for reading
	Tables      *filter.Filter  // the tables that are wanted; its other conditions do not count
	Wanted      *filter.GTIDs   // only rows that one of these transactions has touched; nil: all
	Keys        *Keys           // only rows with these keys; nil: all
	Folder      func() (string, error)
}

// takes reports whether the replica applies rows of a table, and they are wanted.
func (o *Options) takes(m *decoder.TableMap) bool {
	return o.Filters.Applies(m.Database, m.Table) && o.isWanted(filter.Table{Database: m.Database, Name: m.Table})
}

func (o *Options) isWanted(t filter.Table) bool {
	f := o.Tables
	if f == nil {
		return true
	}
	matches := func(p filter.Pattern) bool { return p.Matches(t) }
	return (len(f.Databases) == 0 || slices.Contains(f.Databases, t.Database)) &&
		(len(f.Tables) == 0 || slices.ContainsFunc(f.Tables, matches)) && !slices.ContainsFunc(f.ExcludeTables, matches)
}

// ErrBehind: the logs end before what the replica has applied.
var ErrBehind = fault.NewReason("the replica has applied more than the logs hold")

// Span is what the logs say.
type Span struct {
	Tables     []*Table // that are there at its end, and of which it has changes
	Statements []string // that changed rows by themselves, the first few
	More       int      // such statements beyond those
	Pending    bool     // the logs hold transactions that the replica has not applied
	LeftOut    int      // row events that were taken back
	Changes    uint64   // of rows

	options Options
	line    *timeline
	series  series
	rows    *runs.Sorter // of changes, by table and key
	bags    *runs.Sorter // of whole rows of tables without a key
	seq     uint64
	scratch []byte
}

// memoryOf is what each sorter may keep.
const memoryOf = 4 << 20

// Read reads the logs. The span has to be closed.
func Read(ctx context.Context, o Options) (*Span, error) {
	s := &Span{options: o, rows: runs.New(memoryOf, o.Folder), bags: runs.New(memoryOf/4, o.Folder)}
	var err error
	if s.line, err = newTimeline(&s.options); err != nil {
		return nil, err
	}
	if err := s.line.read(ctx); err != nil {
		return nil, err
	}
	if err := s.checkReached(); err != nil {
		return nil, err
	}
	for _, t := range s.line.tables {
		if err := s.settle(ctx, t); err != nil {
			return nil, err
		}
	}
	if err := s.readRows(ctx); err != nil {
		s.Close()
		return nil, err
	}
	s.finish()
	return s, nil
}

// Close removes the temporary files.
func (s *Span) Close() error {
	err := s.rows.Close()
	if other := s.bags.Close(); err == nil {
		err = other
	}
	return err
}

// Table is the table with a number, see Table.ID.
func (s *Span) Table(id uint32) *Table { return s.line.tables[id] }

// settle finds the replica's own definition of a table that is there at the end.
func (s *Span) settle(ctx context.Context, t *Table) error {
	if t.gone {
		return nil
	}
	name := t.Name
	ref := schema.Ref{Database: s.options.Filters.Renamed(name.Database), Table: name.Table}
	found, err := s.options.Server.Table(ctx, ref)
	if err != nil {
		if isMissing(err) {
			t.settle(nil)
			return nil
		}
		return err
	}
	if m := s.line.maps[t]; m != nil {
		if layout, err := schema.LayoutOf(found, m); err == nil {
			found = layout.Table
		}
	}
	t.settle(found)
	return nil
}

// checkReached makes sure that the logs hold all that the replica has applied: a row may have been changed by what is missing.
func (s *Span) checkReached() error {
	p, r := &s.options.Progress, &s.line.reached
	behind := func(format string, args ...any) error {
		return &fault.Error{Reason: ErrBehind, What: "the replica has applied " + fmt.Sprintf(format, args...) + ", which these logs do not hold"}
	}
	for domain, seq := range r.domains {
		if p.UpTo[domain] > seq {
			return behind("GTID %d-…-%d, after %d", domain, p.UpTo[domain], seq)
		}
	}
	if p.Executed != nil && !r.executed.IsEmpty() {
		last := map[gtid.TSID]uint64{}
		for id, list := range r.executed.Intervals {
			last[id] = list[len(list)-1].Last
		}
		for id, list := range p.Executed.Intervals {
			if most := list[len(list)-1].Last; last[id] > 0 && most > last[id] {
				return behind("%s:%d, after %d", id, most, last[id])
			}
		}
		return nil
	}
	if len(r.domains) > 0 || p.Exec.File == "" || r.file == "" {
		return nil
	}
	if c := compareNames(p.Exec.File, r.file); c > 0 || c == 0 && int32(uint32(p.Exec.Pos)-uint32(r.pos)) > 0 {
		return behind("the source's log up to %s:%d, after %s:%d", p.Exec.File, p.Exec.Pos, r.file, r.pos)
	}
	return nil
}

// finish lists the tables.
func (s *Span) finish() {
	for _, t := range s.line.tables {
		if t.gone || t.Events == 0 && !t.Whole || !s.options.Filters.Applies(t.Name.Database, t.Name.Table) ||
			!s.options.isWanted(filter.Table{Database: t.Name.Database, Name: t.Name.Table}) {
			continue
		}
		if t.Table == nil && len(t.Reasons) == 0 {
			t.addReason(noTable, 1)
		}
		if t.Key == nil && t.Whole && t.handed > 0 {
			t.addReason(t.why, t.Events)
		}
		if len(t.Reasons) > 0 || t.handed > 0 {
			t.Whole = false
		}
		s.Tables = append(s.Tables, t)
	}
	slices.SortFunc(s.Tables, func(a, b *Table) int { return strings.Compare(a.Name.String(), b.Name.String()) })
	s.Statements, s.More, s.Pending = s.line.statements, s.line.more, s.line.isPending
}

// readRows walks over the rows.
func (s *Span) readRows(ctx context.Context) error {
	d := s.options.Definitions()
	d.Logs, d.Unexecuted = s.options.Range.Logs, s.line.unexecuted
	if o := &s.options.Range; o.Start != 0 {
		d.Begin = decoder.Position{File: o.Names[0], Offset: o.Start}
	}
	stream, err := changes.OpenLasting(ctx, s.options.Range, changes.Options{Definitions: d, Undefined: changes.GiveAll})
	if err != nil {
		return err
	}
	defer stream.Close()
	workers := make([]worker, runtime.GOMAXPROCS(0))
	err = stream.Run(ctx, len(workers),
		func(n int, c *changes.Chunk) error { return workers[n].work(s, c) },
		func(c *changes.Chunk) error { return s.addFrames(c.Out) })
	s.LeftOut = stream.LeftOut()
	return err
}

// The frames that the workers make of a chunk, which are numbered in the order of the log:
const (
	frameRow     byte = 'R' // table, key, record
	frameBag     byte = 'B' // table, +1 or -1, record
	frameBarrier byte = 'X' // table; why
)

// addFrames adds what the workers found in a chunk.
func (s *Span) addFrames(frames []byte) error {
	r := runs.Reader{Rest: frames}
	for len(r.Rest) > 0 && r.Err == nil {
		kind := r.Byte()
		id := r.Uvarint()
		key := r.Bytes(r.Uvarint())
		value := r.Bytes(r.Uvarint())
		s.seq++
		switch kind {
		case frameBarrier:
			t := s.line.tables[id]
			t.handed, t.why = s.seq, string(key)
			continue
		case frameBag:
			if err := s.bags.AddRecord(key, value); err != nil {
				return err
			}
			continue
		}
		if value[0]&opMask != byte(opLater) {
			s.Changes++
		}
		s.scratch = binary.BigEndian.AppendUint32(s.scratch[:0], uint32(id))
		s.scratch = append(s.scratch, key...)
		n := len(s.scratch)
		s.scratch = append(binary.AppendUvarint(s.scratch, s.seq), value...)
		if err := s.rows.AddRecord(s.scratch[:n], s.scratch[n:]); err != nil {
			return err
		}
	}
	return r.Err
}
