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
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
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

// ErrForeign: a log is another server's, whose positions do not show what the replica has applied.
var ErrForeign = fault.NewReason("a log is not of the replica's source")

// Span is what the logs say.
type Span struct {
	Tables     []*Table // that are there at its end, and of which it has changes
	Statements []string // that changed rows by themselves, the first few
	More       int      // such statements beyond those
	Pending    bool     // the logs hold transactions that the replica has not applied
	Foreign    []string // logs that another server than the replica's source wrote, in which GTIDs of MariaDB tell what is applied
	LeftOut    int      // row events that were taken back
	Changes    uint64   // of rows

	options Options
	line    *timeline
	series  series
	rows    *runs.Sorter // of changes, by table and key
	bags    *runs.Sorter // of whole rows of tables without a key
}

// What the sorters may keep. The first takes nearly all; fewer and larger runs are merged faster.
const (
	memoryOfRows = 12 << 20
	memoryOfBags = 4 << 20
)

// Read reads the logs once, and if that fails, because of what comes later in them or for another reason, again with what happens to the
// tables read first. The span has to be closed.
func Read(ctx context.Context, o Options) (*Span, error) {
	s, err := readOnce(ctx, o)
	if err != nil && ctx.Err() == nil {
		s, err = readAhead(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	s.finish()
	return s, nil
}

func newSpan(o Options) (s *Span, err error) {
	s = &Span{options: o, rows: runs.New(memoryOfRows, o.Folder), bags: runs.New(memoryOfBags, o.Folder)}
	s.line, err = newTimeline(&s.options)
	return s, err
}

// readOnce reads the logs in one walk, the rows by the replica's own tables as they are now. It fails where a statement has changed a table
// after rows of it, or rows may have been rolled back.
func readOnce(ctx context.Context, o Options) (*Span, error) {
	s, err := newSpan(o)
	if err != nil {
		return nil, err
	}
	d := o.Definitions()
	d.Replica = true
	stream, err := changes.Open(ctx, o.Range, changes.Options{Definitions: d, Undefined: changes.GiveAll,
		Watch: func(e *decoder.Event, w *walk.Walk) error { return s.line.watch(ctx, e, w) }})
	if err != nil {
		return nil, err
	}
	err = s.readRows(ctx, stream)
	if err == nil {
		err = s.line.check(ctx)
	}
	return s.checked(ctx, err)
}

// readAhead reads what happens to the tables first, and then the rows.
func readAhead(ctx context.Context, o Options) (*Span, error) {
	s, err := newSpan(o)
	if err != nil {
		return nil, err
	}
	if err := s.line.read(ctx); err != nil {
		return nil, err
	}
	if err := s.line.settleAll(ctx); err != nil {
		return nil, err
	}
	d := o.Definitions()
	d.Logs, d.Unexecuted = o.Range.Logs, s.line.unexecuted
	if o.Range.Start != 0 {
		d.Begin = decoder.Position{File: o.Range.Names[0], Offset: o.Range.Start}
	}
	stream, err := changes.OpenLasting(ctx, o.Range, changes.Options{Definitions: d, Undefined: changes.GiveAll})
	if err != nil {
		return nil, err
	}
	return s.checked(ctx, s.readRows(ctx, stream))
}

// checked returns the span if it is complete.
func (s *Span) checked(ctx context.Context, err error) (*Span, error) {
	if err == nil {
		err = s.checkReached()
	}
	if err == nil {
		err = s.line.settleAll(ctx)
	}
	if err == nil {
		err = cmp.Or(s.rows.Spill(), s.bags.Spill()) // others need the memory from here on
	}
	if err != nil {
		s.Close()
		return nil, err
	}
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
		switch {
		case t.Table == nil || t.Key != nil:
		case !t.Whole && t.bare > 0:
			t.addReason(cmp.Or(t.undone.why, s.line.all.why, "the table has no key that identifies its rows, and was there before the logs begin"), t.bare)
		case t.Whole && t.why != "":
			t.addReason(t.why, t.Events)
		}
		if len(t.Reasons) > 0 || t.why != "" {
			t.Whole = false
		}
		s.Tables = append(s.Tables, t)
	}
	slices.SortFunc(s.Tables, func(a, b *Table) int { return strings.Compare(a.Name.String(), b.Name.String()) })
	s.Statements, s.More, s.Pending = s.line.statements, s.line.more, s.line.isPending
	if len(s.line.reached.domains) > 0 {
		s.Foreign = slices.Sorted(maps.Keys(s.line.foreign))
	}
}

// readRows walks over the rows.
func (s *Span) readRows(ctx context.Context, stream *changes.Stream) error {
	defer stream.Close()
	workers := make([]worker, runtime.GOMAXPROCS(0))
	for i := range workers {
		workers[i].span = s
	}
	err := stream.Run(ctx, len(workers),
		func(n int, c *changes.Chunk) error { return workers[n].work(c) },
		func(c *changes.Chunk) error { return s.addMade(c.Out) })
	s.LeftOut = stream.LeftOut()
	for i := range workers {
		s.Changes += workers[i].changes
	}
	return err
}

// What a worker makes of a chunk:
//
//	bytes  field
//	…      records of rows, see runs.AppendRecord
//	…      records of bags
//	…      barriers
//	4      bytes of the records of rows, little-endian
//	4      bytes of those of bags

// addMade adds what a worker has made of a chunk.
func (s *Span) addMade(made []byte) error {
	if len(made) == 0 {
		return nil
	}
	end := len(made) - 8
	rows := binary.LittleEndian.Uint32(made[end:])
	bags := binary.LittleEndian.Uint32(made[end+4:]) + rows
	if err := s.rows.AddRecords(made[:rows]); err != nil {
		return err
	}
	if err := s.bags.AddRecords(made[rows:bags]); err != nil {
		return err
	}
	return s.addBarriers(made[bags:end])
}

// appendBarrier appends a barrier of a table.
func appendBarrier(dst []byte, t *Table, at order, why string) []byte {
	for _, n := range []uint64{uint64(t.id), uint64(at.file), uint64(at.offset), uint64(at.inner), uint64(at.row), uint64(len(why))} {
		dst = binary.AppendUvarint(dst, n)
	}
	return append(dst, why...)
}

func (s *Span) addBarriers(barriers []byte) error {
	if len(barriers) == 0 {
		return nil
	}
	s.line.mu.Lock()
	defer s.line.mu.Unlock()
	r := runs.Reader{Rest: barriers}
	for len(r.Rest) > 0 && r.Err == nil {
		t := s.line.tables[r.Uvarint()]
		t.handed = order{place{int(r.Uvarint()), int64(r.Uvarint()), int(r.Uvarint())}, int(r.Uvarint())}
		t.why = string(r.Bytes(r.Uvarint()))
	}
	return r.Err
}
