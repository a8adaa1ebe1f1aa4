package stats

import (
	"cmp"
	"slices"

	"binmend/decoder"
	"binmend/decoder/cache"
)

// maxTables bounds the tables that are counted one by one; later ones are summed up.
const maxTables = 50_000

// tableName names a table.
type tableName struct{ database, table string }

// table is what was counted of one table.
type table struct {
	tableName
	Rows
	bytes        uint64
	transactions uint64
	key          Key
	keyless      uint64 // updates and deletes while the table had no key
	unknown      uint64 // while that was not known

	// Of the current transaction.
	at   uint64 // its number
	slot int    // in its list of tables; -1: the list is full
}

// tables finds a table by the table map of its rows.
type tables struct {
	byName map[tableName]*table
	// byMap saves looking the name up for every event. The reader gives the same map again and again.
	byMap  cache.Cache[*decoder.TableMap, *mapped]
	last   *decoder.TableMap // looked up last
	found  *mapped           // of last
	others table
	many   uint64 // table maps of tables in others: a table may have several
	keys   *keys
}

// mapped is a table as one table map has it.
type mapped struct {
	*table
	key      Key
	mapBytes uint64 // of the table map read last, which count once rows of it do
}

func newTables(k *keys) *tables {
	return &tables{byName: map[tableName]*table{}, keys: k}
}

func (ts *tables) of(m *decoder.TableMap) *mapped {
	if m == ts.last {
		return ts.found
	}
	t, ok := ts.byMap.Get(m)
	if !ok {
		t = ts.find(m)
		ts.byMap.Put(m, t, m.Size())
	}
	ts.last, ts.found = m, t
	return t
}

// find finds a table by its name.
func (ts *tables) find(m *decoder.TableMap) *mapped {
	name := tableName{m.Database, m.Table}
	t := ts.byName[name]
	switch {
	case t != nil:
	case len(ts.byName) < maxTables:
		t = &table{tableName: name}
		ts.byName[name] = t
	default:
		ts.many++
		t = &ts.others
	}
	found := &mapped{table: t, key: ts.keys.of(m)}
	t.key = found.key
	return found
}

// forget drops what is known by table maps: a statement has changed tables, and perhaps their keys.
func (ts *tables) forget() {
	ts.byMap.Clear()
	ts.last = nil
}

// count counts rows of an event.
func (t *mapped) count(rows Rows, bytes uint64) {
	t.Rows.addRows(rows)
	t.bytes += bytes + t.mapBytes
	t.mapBytes = 0
	sought := rows.Updates + rows.Deletes
	switch t.key {
	case KeyUnknown:
		t.unknown += sought
	case KeyNone:
		t.keyless += sought
	}
}

// report gives the tables with most bytes, and the sum of the others.
func (ts *tables) report(most int) ([]Table, Others) {
	all := ts.sorted()
	shown := all[:min(len(all), most)]
	list := make([]Table, 0, len(shown))
	for _, t := range shown {
		list = append(list, Table{Database: t.database, Table: t.table, Rows: t.Rows, Bytes: t.bytes,
			Transactions: t.transactions, Key: t.key})
	}
	rest := Others{Exact: true}
	for _, t := range append(slices.Clone(all[len(shown):]), &ts.others) {
		rest.Rows += t.Rows.Total()
		rest.Bytes += t.bytes
		rest.Transactions += t.transactions
	}
	rest.Count = uint64(len(all)-len(shown)) + ts.many
	rest.Exact = ts.many == 0
	return list, rest
}

// sorted gives the tables that have rows, most bytes first.
func (ts *tables) sorted() []*table {
	all := make([]*table, 0, len(ts.byName))
	for _, t := range ts.byName {
		if t.bytes > 0 {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *table) int {
		return cmp.Or(cmp.Compare(b.bytes, a.bytes), cmp.Compare(a.database, b.database), cmp.Compare(a.table, b.table))
	})
	return all
}
