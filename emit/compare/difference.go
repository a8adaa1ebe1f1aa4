package compare

import (
	"encoding/binary"
	"sort"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/emit/compare/span"
	"binmend/emit/runs"
	"binmend/emit/sqltext"
)

// Kind says how a row differs.
type Kind uint8

const (
	Missing Kind = iota // the replica has no such row
	Differs             // its row has other values
	Extra               // it has a row that must not exist
)

func (k Kind) String() string {
	return [...]string{"missing", "differs", "extra"}[k]
}

// Difference is one row that is not as it must be.
type Difference struct {
	Kind   Kind
	Table  *TableResult
	Want   *sqltext.Stored // as it must be; a nil literal where that is unknown. nil for Extra
	Have   *sqltext.Stored // as it was read; nil for Missing
	Count  int             // number of equal rows in a table without a key; 0 in one with a key
	Origin span.Origin     // the event that says so
	Why    string
	Later  bool       // a transaction that is not known to be applied touches the row too
	Source SourceSays // what the source said when it was asked
}

// SourceSays is what the source has for a row that differs.
type SourceSays uint8

const (
	NotAsked     SourceSays = iota
	SourceAgrees            // it has the row as the logs say
	SourceOther             // it has another row: the row may have changed later
	SourceGave              // the row as it must be was read from the source: the logs do not have all of it
)

// Columns lists the columns in which a row differs.
func (x *Difference) Columns() (columns []int) {
	if x.Kind != Differs {
		return nil
	}
	for i, want := range x.Want.Literals {
		if want != nil && x.Table.Table.Table.Columns[i].Assignable() && string(want) != string(x.Have.Literals[i]) {
			columns = append(columns, i)
		}
	}
	return columns
}

// IsMended reports whether enough is known for a statement.
func (x *Difference) IsMended() bool {
	if x.Kind != Missing {
		return true
	}
	t := x.Table.Table.Table
	for i := range t.Columns {
		if c := &t.Columns[i]; c.Assignable() && !c.Local && x.Want.Literals[i] == nil {
			return false
		}
	}
	return true
}

// record is the difference as a record; its key is that of the row.
func (x *Difference) record() []byte {
	later := byte(0)
	if x.Later {
		later = 1
	}
	dst := []byte{byte(x.Kind), byte(x.Source), later}
	dst = binary.AppendUvarint(dst, uint64(x.Count))
	dst = appendOrigin(appendString(dst, x.Why), &x.Origin)
	return appendLiterals(appendLiterals(dst, x.Want), x.Have)
}

func appendOrigin(dst []byte, o *span.Origin) []byte {
	dst = appendString(dst, o.Pos.File)
	dst = binary.AppendVarint(dst, o.Pos.Offset)
	dst = binary.AppendUvarint(append(dst, byte(o.Type)), uint64(o.Row))
	return appendString(dst, o.GTID.String())
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendLiterals(dst []byte, row *sqltext.Stored) []byte {
	if row == nil {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	for _, l := range row.Literals {
		if l == nil {
			dst = append(dst, 0)
			continue
		}
		dst = append(dst, 1)
		dst = append(binary.AppendUvarint(dst, uint64(len(l))), l...)
	}
	return dst
}

// appendKey appends the key of a difference: the table's index in the result, and the row's key.
func (r *Result) appendKey(dst []byte, t *TableResult, key []byte) []byte {
	return append(append(append(dst, t.Name.String()...), 0), key...)
}

// readDifference reads a record.
func (r *Result) readDifference(key, value []byte) (*Difference, error) {
	at := 0
	for at < len(key) && key[at] != 0 {
		at++
	}
	name := string(key[:at])
	i := sort.Search(len(r.Tables), func(i int) bool { return r.Tables[i].Name.String() >= name })
	if i == len(r.Tables) || r.Tables[i].Name.String() != name {
		return nil, runs.ErrRecord
	}
	return readBody(r.Tables[i], value)
}

// readBody reads a difference of a table.
func readBody(t *TableResult, value []byte) (*Difference, error) {
	in := record{runs.Reader{Rest: value}}
	x := &Difference{Kind: Kind(in.Byte()), Source: SourceSays(in.Byte()), Later: in.Byte() == 1, Table: t}
	x.Count, x.Why = int(in.Uvarint()), string(in.Bytes(in.Uvarint()))
	x.Origin = in.origin()
	x.Want, x.Have = in.literals(x.Table), in.literals(x.Table)
	if in.Err != nil {
		return nil, in.Err
	}
	return x, nil
}

// record reads what append has written.
type record struct{ runs.Reader }

func (r *record) origin() (o span.Origin) {
	o.Pos.File = string(r.Bytes(r.Uvarint()))
	o.Pos.Offset = r.Varint()
	o.Type, o.Row = decoder.EventType(r.Byte()), int(r.Uvarint())
	if text := string(r.Bytes(r.Uvarint())); text != "" {
		var err error
		if o.GTID, err = gtid.Parse(text); err != nil {
			r.Err = runs.ErrRecord
		}
	}
	return o
}

func (r *record) literals(t *TableResult) *sqltext.Stored {
	if r.Byte() == 0 {
		return nil
	}
	row := &sqltext.Stored{Table: t.Table.Table, Literals: make([][]byte, len(t.Table.Table.Columns))}
	for i := range row.Literals {
		if r.Byte() == 1 {
			if row.Literals[i] = r.Bytes(r.Uvarint()); row.Literals[i] == nil {
				row.Literals[i] = []byte{}
			}
		}
	}
	return row
}
