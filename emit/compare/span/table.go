package span

import (
	"slices"
	"strings"
	"sync"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/dump"
)

// place is a place in the logs of a range; places are ordered.
type place struct {
	file   int
	offset int64
	inner  int
}

// order is the place of a change: an event, and the row in it.
type order struct {
	place
	row int
}

func (o order) before(other order) bool {
	if o.place != other.place {
		return o.place.before(other.place)
	}
	return o.row < other.row
}

func (p place) before(other place) bool {
	if p.file != other.file {
		return p.file < other.file
	}
	if p.offset != other.offset {
		return p.offset < other.offset
	}
	return p.inner < other.inner
}

// Table is one table, whatever names it had, from its CREATE, or the beginning of the span, on. A table that is made again or truncated
// is another one.
type Table struct {
	Name  dump.Name     // on the source, at the end of the span
	Table *schema.Table // the replica's own; nil where it has none
	// Key tells the rows: the primary key, or the first unique key without NULL. nil: only all columns together do.
	Key *schema.Key
	// Whole: the span begins with the table's making or emptying, so that all of its rows are known.
	Whole bool
	Begun Origin // of Whole: the statement

	Events  uint64            // row events of the span on it
	Wanted  bool              // a transaction that is asked for has touched it
	Reasons map[string]uint64 // why rows are not judged, and how many changes of rows are left out for it

	id     uint32
	prefix []byte            // of its rows' keys: the number, see appendUnsigned
	empty  bool              // it begins without rows; Whole may end
	gone   bool              // dropped, or emptied
	first  *decoder.TableMap // of the span; nil: it has no rows so far
	alters []alter           // in order
	others []uniqueKey       // beside Key
	unique []bool            // by column: one of others reads it
	keyed  []bool            // by column: it is a part of Key
	undone barrier           // by a statement
	handed order             // by this change foreign keys handed a change of another table on: what was known of rows no longer counts
	why    string            // of handed; "" for none
	bare   uint64            // changes of rows that no key identifies

	settled bool // Table and Key are known, nil or not

	mu       sync.Mutex // of Reasons and versions
	versions []*version
}

// uniqueKey is a unique key whose values are followed.
type uniqueKey struct {
	number byte // in Table.Keys; a server has at most 64
	*schema.Key
	inputs []int // columns that its value follows from
}

// alter is a statement that changed a table's columns.
type alter struct {
	at    place
	voids map[string]bool // columns, in lower case, whose earlier values it may have changed; nil: all
	text  string
	index bool // it makes or drops an index, nothing else
}

// leaves reports whether a column still has the values from before the statement.
func (a *alter) leaves(column string) bool {
	return a.voids != nil && !a.voids[strings.ToLower(column)]
}

func (t *Table) addReason(why string, n uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.Reasons == nil {
		t.Reasons = map[string]uint64{}
	}
	t.Reasons[why] += n
}

// settle takes the replica's definition of the table, and finds the key that identifies its rows.
func (t *Table) settle(replica *schema.Table) {
	t.settled, t.Table = true, replica
	if replica == nil {
		return
	}
	for i := range replica.Keys {
		k := &replica.Keys[i]
		if t.Key == nil && t.tellsRows(k) {
			t.Key = k
		}
	}
	t.unique, t.keyed = make([]bool, len(replica.Columns)), make([]bool, len(replica.Columns))
	if t.Key != nil {
		for _, p := range t.Key.Parts {
			t.keyed[p.Column] = true
		}
	}
	for i := range replica.Keys {
		k := &replica.Keys[i]
		if k == t.Key || t.Key == nil || k.WithoutOverlaps || !isComputable(replica, k) {
			continue
		}
		key := uniqueKey{byte(i), k, inputsOf(replica, k)}
		t.others = append(t.others, key)
		for _, c := range key.inputs {
			t.unique[c] = true
		}
	}
}

// tellsRows reports whether a key identifies every row, by values that the log has.
func (t *Table) tellsRows(k *schema.Key) bool {
	return !k.WithoutOverlaps && !slices.ContainsFunc(k.Parts, func(p schema.KeyPart) bool {
		if p.Column < 0 {
			return true
		}
		c := &t.Table.Columns[p.Column]
		return c.Nullable && !k.Primary || c.Local || !c.Assignable() || c.Type == schema.TypeUnknown
	})
}

// inputsOf are the columns that the values of a key follow from.
func inputsOf(t *schema.Table, k *schema.Key) (columns []int) {
	add := func(c int) {
		if !slices.Contains(columns, c) {
			columns = append(columns, c)
		}
	}
	for i := range k.Parts {
		p := &k.Parts[i]
		for _, c := range p.Columns {
			add(c)
		}
		switch {
		case p.Column < 0:
		case t.Columns[p.Column].Generated == schema.NotGenerated:
			add(p.Column)
		default:
			for _, c := range t.Columns[p.Column].Inputs {
				add(c)
			}
		}
	}
	return columns
}

// isComputable reports whether the server can be asked for the value of a key by the values of plain columns.
func isComputable(t *schema.Table, k *schema.Key) bool {
	return !slices.ContainsFunc(k.Parts, func(p schema.KeyPart) bool {
		if p.Column < 0 {
			return len(p.Columns) == 0 || p.MultiValued || slices.ContainsFunc(p.Columns, func(c int) bool { return !t.Columns[c].Assignable() })
		}
		c := &t.Columns[p.Column]
		if c.Generated != schema.NotGenerated {
			return len(c.Inputs) == 0 || slices.ContainsFunc(c.Inputs, func(i int) bool { return !t.Columns[i].Assignable() })
		}
		return c.Local || c.SystemTime
	})
}

// version is how the images of one form of table map become rows of the replica's table.
type version struct {
	id      uint32
	columns []decoder.Column // of the table map
	after   int              // statements on the table before it
	layout  *schema.Layout   // by position, where no statement has changed the table since; else
	from    []int            // by column of the table: the ordinal in an image, or -1 where it is not known
	cells   []*decoder.Column
	err     string // why its rows are not judged
}

const noTable = "the replica has no such table"

// isOfForm reports whether the version is the one for a table map.
func (v *version) isOfForm(m *decoder.TableMap, after int) bool {
	return v.after == after && slices.EqualFunc(v.columns, m.Columns, isSameLogged)
}

func isSameLogged(a, b decoder.Column) bool {
	return a.Type == b.Type && a.Length == b.Length && a.LenBytes == b.LenBytes && a.Precision == b.Precision && a.Scale == b.Scale &&
		a.Sign == b.Sign && a.Collation == b.Collation && a.Name == b.Name && slices.Equal(a.Members, b.Members) && a.Dimension == b.Dimension
}

// versionOf finds or makes the version of a table map at a place. then is the table as it was there, nil where that is not known.
func (t *Table) versionOf(m *decoder.TableMap, at place, then *schema.Table) *version {
	after := len(t.alters)
	for after > 0 && !t.alters[after-1].at.before(at) {
		after--
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, v := range t.versions {
		if v.isOfForm(m, after) {
			return v
		}
	}
	v := &version{id: uint32(len(t.versions)), columns: slices.Clone(m.Columns), after: after}
	t.versions = append(t.versions, v)
	later := slices.DeleteFunc(slices.Clone(t.alters[after:]), func(a alter) bool { return a.index })
	switch {
	case t.Table == nil:
		v.err = noTable
	case t.Table.IsSequence():
		v.err = "it is a sequence"
	case len(later) > 0:
		v.byName(t, then, later)
	default:
		v.byPosition(t, m)
	}
	return v
}

// byPosition lays out images as the applier does.
func (v *version) byPosition(t *Table, m *decoder.TableMap) {
	layout, err := schema.LayoutOf(t.Table, m)
	if err != nil {
		v.err = "the applier does not put these rows into the replica's table: " + err.Error()
		return
	}
	v.layout = layout
	image := make([]decoder.Cell, len(v.columns))
	for i := range v.columns {
		image[i] = decoder.NewCell(&v.columns[i], make([]byte, 16))
	}
	cells, err := layout.Row(nil, image)
	if err != nil {
		cells = image
	}
	for i := range t.Table.Columns {
		var c *decoder.Column
		if i < len(cells) {
			c = cells[i].Column()
		}
		v.cells = append(v.cells, c)
	}
}

// byName takes the columns that later statements have left as they were.
func (v *version) byName(t *Table, then *schema.Table, later []alter) {
	if then == nil {
		v.err = "how the table was before the " + later[0].text + " is not known"
		return
	}
	for i := range t.Table.Columns {
		c := &t.Table.Columns[i]
		from := then.Column(c.Name)
		if from >= 0 && (from >= len(v.columns) || !isSameColumn(&then.Columns[from], c) ||
			slices.ContainsFunc(later, func(a alter) bool { return !a.leaves(c.Name) })) {
			from = -1
		}
		var cell *decoder.Column
		if from >= 0 {
			cell = &v.columns[from]
		}
		v.from, v.cells = append(v.from, from), append(v.cells, cell)
	}
	if t.Key == nil {
		v.err = "the table has no key, and the " + later[0].text + " came after"
		return
	}
	for _, p := range t.Key.Parts {
		if v.from[p.Column] < 0 {
			v.err = "what the " + later[0].text + " made of their key is not in the log"
		}
	}
}

// isSameColumn reports whether values of two columns have the same bytes and mean the same.
func isSameColumn(a, b *schema.Column) bool {
	return a.Type == b.Type && a.Unsigned == b.Unsigned && a.Length == b.Length && a.Decimals == b.Decimals && a.Charset == b.Charset &&
		a.Compressed == b.Compressed && slices.Equal(a.Members, b.Members) && a.SystemTime == b.SystemTime
}

// row puts an image into the columns of the replica's table. The result may be the image itself, or scratch.
func (v *version) row(scratch *[]decoder.Cell, image []decoder.Cell, columns int) ([]decoder.Cell, error) {
	if len(image) == 0 {
		return nil, nil
	}
	dst := (*scratch)[:0]
	if v.layout != nil {
		cells, err := v.layout.Row(dst, image)
		if err != nil {
			return nil, err
		}
		if len(cells) == columns && &cells[0] == &image[0] {
			return cells, nil
		}
		dst = append(dst, cells[:min(columns, len(cells))]...)
	} else {
		for _, from := range v.from {
			var cell decoder.Cell
			if from >= 0 && from < len(image) {
				cell = image[from]
			}
			dst = append(dst, cell)
		}
	}
	for len(dst) < columns {
		dst = append(dst, decoder.Cell{})
	}
	*scratch = dst
	return dst, nil
}
