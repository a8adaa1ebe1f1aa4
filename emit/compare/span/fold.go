package span

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/maphash"

	"binmend/decoder"
	"binmend/emit/runs"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// Row is what the span says about one row at its end.
type Row struct {
	Table   *Table
	Key     []byte         // its value of the table's key, see AppendKey
	Cells   []decoder.Cell // by column; Absent where nothing is known. Only the key's if the row is gone
	Gone    bool           // no row may have the key
	Unknown string         // why nothing is known about it; "" when something is
	Later   bool           // a transaction that is not applied touches it too
	Wanted  bool           // a wanted transaction has touched it
	Origin  Origin         // of the last change
	Changed bool           // a transaction that is applied touches it

	Values []Value // that it has had of unique keys other than the table's key; each once
}

// Value is a value of a unique key that a row has, or has had.
type Value struct {
	Key   *schema.Key
	Bytes []byte         // equal values have mostly equal bytes
	Cells []decoder.Cell // of a row with the value: the columns that the key reads
	Held  bool           // the row has it at the end
}

// Rows calls yield for each row that the span has touched, table by table, by ascending key. The row is valid until yield returns.
func (s *Span) Rows(yield func(*Row) error) error {
	f := folder{span: s}
	err := s.rows.Each(func(key, value []byte) error {
		if !bytes.Equal(key, f.key) || f.key == nil {
			if err := f.end(yield); err != nil {
				return err
			}
			if err := f.begin(key); err != nil {
				return err
			}
		}
		return f.addRecord(value)
	})
	if err != nil {
		return err
	}
	return f.end(yield)
}

// folder folds the records under a key into one row.
type folder struct {
	span *Span
	key  []byte // the table and the row's; nil before the first
	row  Row

	why           string // nothing is known
	exists, known bool   // something is known; and the row is there
	kept          []byte // the records, which the cells are parts of
	before, state []decoder.Cell
	seen          map[string]*Value
	id            []byte // scratch
	applied       uint64 // number of records of applied changes
}

// begin begins a row.
func (f *folder) begin(key []byte) error {
	f.key = append(f.key[:0], key...)
	id, rest := readUnsigned(f.key)
	if id >= uint64(len(f.span.line.tables)) {
		return runs.ErrRecord
	}
	t := f.span.line.tables[id]
	f.row = Row{Table: t, Key: rest, Values: f.row.Values[:0]}
	f.why = t.why
	f.exists, f.known, f.applied = false, false, 0
	if t.Table != nil {
		f.before, f.state = blank(f.before, len(t.Table.Columns)), blank(f.state, len(t.Table.Columns))
	}
	clear(f.seen)
	f.kept = f.kept[:0]
	return nil
}

func blank(cells []decoder.Cell, n int) []decoder.Cell {
	if cap(cells) < n {
		return make([]decoder.Cell, n)
	}
	cells = cells[:n]
	clear(cells)
	return cells
}

// addRecord adds the next record of the row.
func (f *folder) addRecord(value []byte) error {
	t := f.row.Table
	if t.gone {
		return nil
	}
	begin := len(f.kept)
	f.kept = append(f.kept, value...) // what it was before stays as it is for those cells that are parts of it
	r := runs.Reader{Rest: f.kept[begin:]}
	flags := r.Byte()
	if operation(flags&opMask) == opLater {
		f.row.Later = true
		return r.Err
	}
	f.applied++
	f.row.Wanted = f.row.Wanted || flags&isWanted != 0
	number := r.Uvarint()
	if r.Err != nil || number >= uint64(len(t.versions)) {
		return runs.ErrRecord
	}
	v := t.versions[number]
	var at order
	f.row.Origin, at = f.span.readOrigin(&r)
	if t.undone.hides(at.place) || f.span.line.all.hides(at.place) {
		f.why = cmp.Or(t.undone.why, f.span.line.all.why)
		return r.Err
	}
	f.fold(&r, v, flags)
	if t.why != "" && at.before(t.handed) {
		f.known = false
		clear(f.seen)
	} else if f.exists {
		f.see(f.state, v)
	}
	return r.Err
}

// fold makes the row what a change makes of it.
func (f *folder) fold(r *runs.Reader, v *version, flags byte) {
	op := operation(flags & opMask)
	wasKnown := f.known && f.exists
	if wasKnown {
		f.see(f.state, v)
	}
	if op == opInsert || op == opDelete || !f.known {
		clear(f.state)
	} else if wasKnown {
		f.dropComputed()
	}
	v.readCells(f.state, r)
	if flags&hasBefore != 0 {
		clear(f.before)
		v.readCells(f.before, r)
		f.see(f.before, v)
	}
	f.known, f.exists = true, op != opDelete
}

// dropComputed forgets the values that the server computes: an image may leave them out although they change.
func (f *folder) dropComputed() {
	for i := range f.row.Table.Table.Columns {
		if !f.row.Table.Table.Columns[i].Assignable() {
			f.state[i] = decoder.Cell{}
		}
	}
}

// see notes the unique key values of a row. Before the last change of the table's keys they may not have been unique.
func (f *folder) see(cells []decoder.Cell, v *version) {
	t := f.row.Table
	if v.after < len(t.alters) {
		return
	}
	for i := range t.others {
		k := &t.others[i]
		if !k.hasValue(cells) {
			continue
		}
		f.id = k.appendValue(f.id[:0], cells)
		if f.seen == nil {
			f.seen = map[string]*Value{}
		}
		if f.seen[string(f.id)] == nil {
			value := &Value{Key: k.Key, Bytes: bytes.Clone(f.id), Cells: make([]decoder.Cell, len(cells))}
			for _, c := range k.inputs {
				value.Cells[c] = cells[c].Clone()
			}
			f.seen[string(f.id)] = value
		}
	}
}

// appendValue appends what distinguishes the key's value from others.
func (k *uniqueKey) appendValue(dst []byte, cells []decoder.Cell) []byte {
	dst = append(dst, k.number)
	for _, c := range k.inputs {
		dst = appendCells(dst, cells[c:c+1], nil)
	}
	return dst
}

// hasValue reports whether everything that determines a key's value is known, and the value is certainly not NULL.
func (k *uniqueKey) hasValue(cells []decoder.Cell) bool {
	for _, c := range k.inputs {
		if cells[c].State() == decoder.Absent {
			return false
		}
	}
	for i := range k.Parts {
		if p := &k.Parts[i]; p.Column >= 0 && cells[p.Column].State() == decoder.Null {
			return false
		}
	}
	return true
}

func (f *folder) end(yield func(*Row) error) error {
	if f.key == nil || f.applied == 0 && !f.row.Later {
		return nil
	}
	row := &f.row
	row.Gone, row.Cells, row.Changed = !f.exists, f.state, f.applied > 0
	switch {
	case f.applied == 0:
		row.Unknown = "only transactions that are not applied touch it"
	case !f.known:
		row.Unknown = f.why
	}
	f.values()
	return yield(row)
}

// values lists the unique key values seen.
func (f *folder) values() {
	if len(f.seen) == 0 || f.row.Unknown != "" {
		return
	}
	held := map[string]bool{}
	if t := f.row.Table; f.exists {
		for i := range t.others {
			if k := &t.others[i]; k.hasValue(f.state) {
				f.id = k.appendValue(f.id[:0], f.state)
				held[string(f.id)] = true
			}
		}
	}
	for id, v := range f.seen {
		v.Held = held[id]
		f.row.Values = append(f.row.Values, *v)
	}
}

// Text appends a value as text that is the same for equal values of the log and of the replica: a literal or, for a JSON document,
// the text that the server prints.
func Text(dst []byte, d sqltext.Dialect, c *schema.Column, v decoder.Cell) ([]byte, error) {
	if c.Type != schema.TypeJSON || v.State() != decoder.Value {
		return d.AppendLiteral(dst, c, v)
	}
	text, err := v.AppendText(nil)
	if !d.MariaDB() && !d.MySQLSince(8, 0, 0) {
		text = breakLines(text)
	}
	return d.AppendString(dst, string(text)), err
}

// breakLines replaces the escaped line breaks that MySQL 8.0 prints in base64 by real ones, as MySQL 5.7 prints them. Servers print
// values that JSON has no type for in base64.
func breakLines(text []byte) []byte {
	const mark = `"base64:type`
	var broken []byte
	for {
		at := bytes.Index(text, []byte(mark))
		if at < 0 {
			return append(broken, text...)
		}
		length := bytes.IndexByte(text[at+len(mark):], '"')
		if length < 0 {
			return append(broken, text...)
		}
		end := at + len(mark) + length
		broken = append(broken, text[:at]...)
		broken = append(broken, bytes.ReplaceAll(text[at:end], []byte(`\n`), []byte{'\n'})...)
		text = text[end:]
	}
}

// Keys is a set of rows by table and key. It may have more rows than were added, never fewer, and takes 8 MiB whatever it holds.
type Keys struct {
	seed maphash.Seed
	bits []uint64
}

// NewKeys makes an empty set.
func NewKeys() *Keys { return &Keys{seed: maphash.MakeSeed(), bits: make([]uint64, 1<<20)} }

// AddRow adds a row. table is the name of its table, as Table.Name prints it.
func (k *Keys) AddRow(table string, key []byte) {
	h := k.hash(table, key)
	k.bits[h>>6] |= 1 << (h & 63)
}

// Has reports whether a row may be in the set.
func (k *Keys) Has(t *Table, key []byte) bool {
	h := k.hash(t.Name.String(), key)
	return k.bits[h>>6]>>(h&63)&1 == 1
}

func (k *Keys) hash(table string, key []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(k.seed)
	h.WriteString(table)
	h.WriteByte(0)
	h.Write(key)
	return h.Sum64() & (1<<26 - 1)
}

// Bags calls yield for each distinct row of the tables without a key that are known whole, with how often it must occur.
func (s *Span) Bags(yield func(t *Table, text [32]byte, count int, cells []decoder.Cell, o Origin) error) error {
	var at []byte
	var count int
	var cells []decoder.Cell
	var origin Origin
	end := func() error {
		if at == nil || count == 0 {
			return nil
		}
		t := s.line.tables[binary.BigEndian.Uint32(at)]
		if t.gone || !t.Whole {
			return nil
		}
		return yield(t, [32]byte(at[4:]), count, cells, origin)
	}
	err := s.bags.Each(func(key, value []byte) error {
		if !bytes.Equal(at, key) {
			if err := end(); err != nil {
				return err
			}
			at, count, cells = append([]byte{}, key...), 0, nil
		}
		r := runs.Reader{Rest: bytes.Clone(value)}
		sign := int(r.Byte()) - 1
		count += sign
		if sign < 0 {
			return r.Err
		}
		t := s.line.tables[binary.BigEndian.Uint32(key)]
		v := t.versions[r.Uvarint()]
		origin, _ = s.readOrigin(&r)
		cells = make([]decoder.Cell, len(t.Table.Columns))
		v.readCells(cells, &r)
		return r.Err
	})
	if err != nil {
		return err
	}
	return end()
}
