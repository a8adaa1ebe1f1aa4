package stats

import (
	"cmp"
	"slices"

	"binmend/decoder"
)

// maxTables bounds the tables that are told apart; what comes later is summed up.
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

	// Of the transaction at hand.
	at   uint64 // its number
	slot int    // in its list of tables; -1: the list is full
}

// tables finds a table by the table map of its rows.
type tables struct {
	byName map[tableName]*table
	// byMap saves looking the name up for every event. The reader gives the same map again and again.
	byMap  map[*decoder.TableMap]*mapped
	others table
	many   uint64 // table maps of tables in others: a table may have several
	keys   *keys
}

// mapped is a table as one table map has it.
type mapped struct {
	*table
	key Key
}

// maxMaps bounds the table maps that are remembered.
const maxMaps = 1 << 13

func newTables(k *keys) *tables {
	return &tables{byName: map[tableName]*table{}, byMap: map[*decoder.TableMap]*mapped{}, keys: k}
}

func (ts *tables) of(m *decoder.TableMap) *mapped {
	if t := ts.byMap[m]; t != nil {
		return t
	}
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
	if len(ts.byMap) >= maxMaps {
		clear(ts.byMap)
	}
	found := &mapped{table: t, key: ts.keys.of(m)}
	t.key = found.key
	ts.byMap[m] = found
	return found
}

// forget drops what is known by table maps: a statement has changed tables, and their keys may be others.
func (ts *tables) forget() { clear(ts.byMap) }

// count counts rows of an event.
func (t *mapped) count(rows Rows, bytes uint64) {
	t.Rows.add(rows)
	t.bytes += bytes
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
