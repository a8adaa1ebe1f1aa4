package compare

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/walk"
	"binmend/emit/probe"
	"binmend/emit/runs"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/live"
	"binmend/schema/replica"
)

// The model: tables in memory, a source that writes a log of its changes, and a replica that is asked.

// row is a row of a model's table: values as literals, by column.
type row []string

// tables are rows by the text of their key.
type content map[string]row

func (c content) clone() content {
	d := content{}
	for k, r := range c {
		d[k] = slices.Clone(r)
	}
	return d
}

const modelSchema = "CREATE TABLE keyed (id INT NOT NULL PRIMARY KEY, u INT, v VARCHAR(20) CHARACTER SET utf8mb4, UNIQUE KEY uu (u));\n" +
	"CREATE TABLE bag (a INT, v VARCHAR(20) CHARACTER SET utf8mb4);"

// model is a replica that holds tables in memory. It is a target.
type model struct {
	t        testing.TB
	schema   *dump.Schema
	files    string
	tables   map[string]content // rows of a bag are kept under numbers
	statuses []*replica.Status  // one for each time that it is asked; the last stays
	asked    int                // rows that were read
	onRead   func()             // is called when rows have been read
}

func (m *model) Status(context.Context) ([]*replica.Status, error) {
	s := m.statuses[0]
	if len(m.statuses) > 1 {
		m.statuses = m.statuses[1:]
	}
	return []*replica.Status{s}, nil
}

func (m *model) AppliesInOrder(context.Context) (bool, error) { return true, nil }

// known says ErrNoTable where a table is not the model's.
type known struct{ *model }

func (k known) Table(ctx context.Context, ref schema.Ref) (*schema.Table, error) {
	if k.tables[ref.Table] == nil {
		return nil, live.ErrNoTable
	}
	return k.schema.Table(ctx, ref)
}

func (m *model) Definitions() (schema.Resolver, func() *changes.Definitions) {
	return known{m}, func() *changes.Definitions { return &changes.Definitions{Files: m.schema} }
}

func stored(t *schema.Table, r row) *sqltext.Stored {
	s := &sqltext.Stored{Table: t}
	for _, literal := range r {
		s.Literals = append(s.Literals, []byte(literal))
	}
	return s
}

func (m *model) Rows(_ context.Context, questions []probe.Question, found func(int, *sqltext.Stored, bool) error) ([]int, error) {
	d := sqltext.For(decoder.Version{Major: 8})
	for n, q := range questions {
		t, column := q.Row.Table, q.Key.Parts[0].Column
		var want []byte
		if q.Stored != nil {
			want = q.Stored.Literals[column]
		} else {
			want, _ = d.AppendLiteral(nil, &t.Columns[column], q.Row.Cells[column])
		}
		for _, r := range m.tables[t.Name] {
			if r[column] == string(want) && r[column] != "NULL" {
				m.asked++
				if err := found(n, stored(t, r), false); err != nil {
					return nil, err
				}
			}
		}
	}
	if m.onRead != nil {
		m.onRead()
	}
	return nil, nil
}

func (m *model) Counts(context.Context, []schema.Row) ([]int, error) { return nil, nil }

func (m *model) Scan(_ context.Context, t *schema.Table, columns []int, _ string, yield func(*sqltext.Stored) error) error {
	for _, k := range slices.Sorted(maps.Keys(m.tables[t.Name])) {
		r := stored(t, m.tables[t.Name][k])
		for i := range r.Literals {
			if !slices.Contains(columns, i) {
				r.Literals[i] = nil
			}
		}
		if err := yield(r); err != nil {
			return err
		}
	}
	return nil
}

// apply carries a difference out.
func (m *model) apply(x *Difference) {
	t := x.Table.Table.Table
	rows := m.tables[t.Name]
	if x.Table.Key != nil {
		if x.Kind != Missing {
			delete(rows, string(x.Have.Literals[0]))
		}
		if x.Want != nil {
			for k, r := range rows {
				if r[1] == string(x.Want.Literals[1]) && r[1] != "NULL" {
					m.t.Fatalf("%s: row %s has the unique value of the row that is put: %q", x.Kind, k, x.Want.Literals)
				}
			}
			var r row
			for i, l := range x.Want.Literals {
				if l == nil {
					l = x.Have.Literals[i]
				}
				r = append(r, string(l))
			}
			rows[r[0]] = r
		}
		return
	}
	for range x.Count {
		if x.Kind == Missing {
			rows[fmt.Sprint("put ", len(rows))] = row{string(x.Want.Literals[0]), string(x.Want.Literals[1])}
			continue
		}
		for k, r := range rows {
			if r[0] == string(x.Have.Literals[0]) && r[1] == string(x.Have.Literals[1]) {
				delete(rows, k)
				break
			}
		}
	}
}

// logWriter writes a log of MySQL 8.0.
type logWriter struct {
	bytes.Buffer
	seq     uint64
	minimal bool // images have only what they need
}

const modelUUID = "aaaaaaaa-0000-0000-0000-00000000000a"

func newLogWriter() *logWriter {
	w := &logWriter{}
	w.Write([]byte{0xfe, 'b', 'i', 'n'})
	body := make([]byte, 57)
	body[0] = 4
	copy(body[2:], "8.0.36")
	body[56] = 19
	for kind := decoder.EventType(1); kind <= decoder.EventGtidTagged; kind++ {
		length := byte(8)
		switch kind {
		case decoder.EventQuery:
			length = 13
		case decoder.EventWriteRows, decoder.EventUpdateRows, decoder.EventDeleteRows:
			length = 10
		}
		body = append(body, length)
	}
	w.event(decoder.EventFormatDescription, append(body, 1))
	return w
}

func (w *logWriter) event(kind decoder.EventType, body []byte) {
	e := binary.LittleEndian.AppendUint32(nil, 1_700_000_000)
	e = append(e, byte(kind), 1, 0, 0, 0)
	e = binary.LittleEndian.AppendUint32(e, uint32(19+len(body)+4))
	e = binary.LittleEndian.AppendUint32(e, uint32(w.Len()+19+len(body)+4))
	e = append(append(e, 0, 0), body...)
	w.Write(binary.LittleEndian.AppendUint32(e, crc32.ChecksumIEEE(e)))
}

func (w *logWriter) query(sql string) {
	body := make([]byte, 13)
	body[8] = 1 // length of the database
	w.event(decoder.EventQuery, append(append(body, 'd', 0), sql...))
}

func (w *logWriter) begin() {
	w.seq++
	body := []byte{1, 0xaa, 0xaa, 0xaa, 0xaa, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0a}
	body = binary.LittleEndian.AppendUint64(body, w.seq)
	w.event(decoder.EventGtid, append(body, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0))
}

func (w *logWriter) ddl(sql string) {
	w.begin()
	w.query(sql)
}

// transaction writes changes of rows: each is a table, a row before and a row after.
type modelChange struct {
	table         string
	before, after row
}

func (w *logWriter) transaction(list []modelChange) {
	w.begin()
	w.query("BEGIN")
	for _, c := range list {
		columns := []byte{3, 3, 15} // LONG, LONG, VARCHAR
		id := byte(1)
		if c.table == "bag" {
			columns, id = []byte{3, 15}, 2
		}
		body := []byte{id, 0, 0, 0, 0, 0, 1, 0, 1, 'd', 0, byte(len(c.table))}
		body = append(append(body, c.table...), 0, byte(len(columns)))
		body = append(append(body, columns...), 2, 80, 0)
		w.event(decoder.EventTableMap, append(body, 0xfe))
		head := append([]byte{id, 0, 0, 0, 0, 0, 1, 0, 2, 0}, byte(len(columns)))
		switch {
		case c.before == nil:
			w.event(decoder.EventWriteRows, appendImage(append(head, 0xff), c.after, nil))
		case c.after == nil:
			w.event(decoder.EventDeleteRows, appendImage(append(head, 0xff), c.before, nil))
		default:
			head, before, after := w.images(head, c)
			w.event(decoder.EventUpdateRows, appendImage(appendImage(head, c.before, before), c.after, after))
		}
	}
	w.event(decoder.EventXid, make([]byte, 8))
}

// images says which columns the images of an UPDATE have.
func (w *logWriter) images(head []byte, c modelChange) (_ []byte, before, after []bool) {
	if !w.minimal || c.table == "bag" {
		return append(head, 0xff, 0xff), nil, nil
	}
	before, after = []bool{true, false, false}, make([]bool, 3)
	var bits byte
	for i := range c.after {
		if after[i] = c.after[i] != c.before[i]; after[i] {
			bits |= 1 << i
		}
	}
	return append(head, 1, bits), before, after
}

// appendImage appends those columns of a row that are in an image; nil takes all.
func appendImage(dst []byte, r row, takes []bool) []byte {
	var nulls byte
	var values []byte
	n := 0
	for i, literal := range r {
		if takes != nil && !takes[i] {
			continue
		}
		switch text, isText := strings.CutPrefix(literal, "'"); {
		case literal == "NULL":
			nulls |= 1 << n
		case isText:
			text = strings.TrimSuffix(text, "'")
			values = append(append(values, byte(len(text))), text...)
		default:
			number, _ := strconv.Atoi(literal)
			values = binary.LittleEndian.AppendUint32(values, uint32(number))
		}
		n++
	}
	return append(append(dst, nulls), values...)
}

// statusUpTo is the status of a replica that has applied a number of transactions.
func statusUpTo(seq uint64, running string) *replica.Status {
	s := &replica.Status{Flavor: decoder.MySQL, FlavorKnown: true, AutoPosition: true, SQLRunning: running}
	if seq > 0 {
		s.ExecutedGTID = fmt.Sprintf("%s:1-%d", modelUUID, seq)
	}
	return s
}

// compareModel compares a model with a log.
func compareModel(t testing.TB, m *model, log []byte) *Result {
	t.Helper()
	dir, err := os.MkdirTemp(m.files, "*")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "binlog.000001")
	if err := os.WriteFile(name, log, 0o600); err != nil {
		t.Fatal(err)
	}
	folder := func() (string, error) { return os.MkdirTemp(dir, "*") }
	c := &comparison{
		options: Options{Range: walk.Range{Logs: walk.Logs{Names: []string{name}}}, Folder: folder},
		target:  m, tables: map[string]*TableResult{},
		result: &Result{dialect: sqltext.For(decoder.Version{Major: 8}).ForReading(), differ: runs.New(memoryOf, folder)},
	}
	c.pace = newPace(Limits{}, nil)
	if err := c.settle(context.Background()); err != nil {
		t.Fatal(err)
	}
	c.sum()
	return c.result
}

// clone copies a difference that Each has given.
func (x *Difference) clone() *Difference {
	c := *x
	for _, r := range []**sqltext.Stored{&c.Want, &c.Have} {
		if *r != nil {
			copied := (*r).Clone()
			*r = &copied
		}
	}
	return &c
}
