package endtoend

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// chaosDraw makes random statements. The same seed gives the same ones as long as the servers answer the same.
type chaosDraw struct {
	*rand.Rand
	tables []*chaosTable
	tag    int // of the row that was inserted last
	drift  int // of the row that drift changed or put last; negative
}

func newChaosDraw(seed uint64, tables []*chaosTable) *chaosDraw {
	return &chaosDraw{Rand: rand.New(rand.NewPCG(seed, 0)), tables: tables}
}

// chance is true once in n times.
func (d *chaosDraw) chance(n int) bool { return d.IntN(n) == 0 }

func pick[T any](d *chaosDraw, from []T) T { return from[d.IntN(len(from))] }

// chaosStatement changes one table.
type chaosStatement struct {
	table *chaosTable
	sql   string
}

// maxStatements is how many statements a transaction has at most.
const maxStatements = 14

// transaction is what the source does.
func (d *chaosDraw) transaction() []chaosStatement {
	tables := d.tables
	if d.chance(2) {
		tables = []*chaosTable{pick(d, tables), pick(d, tables)}
	}
	var out []chaosStatement
	for n := 1 + d.IntN(maxStatements); len(out) < n; {
		t := pick(d, tables)
		if len(out)+3 <= n && d.chance(6) {
			out = append(out, d.swap(t)...)
			continue
		}
		out = append(out, chaosStatement{t, d.statement(t)})
	}
	return out
}

func (d *chaosDraw) statement(t *chaosTable) string {
	switch d.IntN(10) {
	case 0, 1:
		return d.insert("INSERT", t, 1+d.IntN(3))
	case 2:
		return d.insert("REPLACE", t, 1+d.IntN(3))
	case 3:
		return d.insert("INSERT", t, 1+d.IntN(3)) + " ON DUPLICATE KEY UPDATE " + d.assignments(t)
	case 4:
		return d.move(t)
	case 5, 6:
		return d.delete(t)
	default:
		return d.update(t)
	}
}

func (d *chaosDraw) insert(verb string, t *chaosTable, rows int) string {
	var values []string
	for range rows {
		d.tag++
		row := d.values(t, d.tag)
		values = append(values, row)
		for t.copies && d.chance(2) {
			values = append(values, row)
		}
	}
	return fmt.Sprintf("%s INTO %s VALUES %s", verb, t.into(), strings.Join(values, ", "))
}

// values are a whole row.
func (d *chaosDraw) values(t *chaosTable, tag int) string {
	var row []string
	for _, c := range t.written() {
		row = append(row, pick(d, c.values))
	}
	return fmt.Sprintf("(%s, %d)", strings.Join(row, ", "), tag)
}

// assignments give one or two columns new values.
func (d *chaosDraw) assignments(t *chaosTable) string {
	columns := t.written()
	i := d.IntN(len(columns))
	set := columns[i].name + " = " + pick(d, columns[i].values)
	if d.chance(2) {
		other := columns[(i+1)%len(columns)]
		set += ", " + other.name + " = " + pick(d, other.values)
	}
	return set
}

func (d *chaosDraw) update(t *chaosTable) string {
	return fmt.Sprintf("UPDATE %s SET %s WHERE %s", t.name, d.assignments(t), d.condition(t))
}

func (d *chaosDraw) delete(t *chaosTable) string {
	return fmt.Sprintf("DELETE FROM %s WHERE %s", t.name, d.condition(t))
}

// move moves many rows on by one, in an order in which they don't meet.
func (d *chaosDraw) move(t *chaosTable) string {
	for _, c := range t.columns {
		if c.increment {
			step, order := "+ 1", "DESC"
			if d.chance(2) {
				step, order = "- 1", "ASC"
			}
			return fmt.Sprintf("UPDATE %s SET %[2]s = %[2]s %[3]s WHERE %[2]s > %[4]s ORDER BY %[2]s %[5]s",
				t.name, c.name, step, pick(d, c.values[:3]), order)
		}
	}
	return d.update(t)
}

// swap makes two rows change places, by way of a place that no row has.
func (d *chaosDraw) swap(t *chaosTable) []chaosStatement {
	c := &t.columns[0]
	if !c.increment {
		return []chaosStatement{{t, d.update(t)}}
	}
	set := "UPDATE " + t.name + " SET " + c.name + " = %s WHERE " + c.name + " = %s"
	a, b := pick(d, c.values), pick(d, c.values)
	return []chaosStatement{
		{t, fmt.Sprintf(set, "-1000", a)},
		{t, fmt.Sprintf(set, a, b)},
		{t, fmt.Sprintf(set, b, "-1000")},
	}
}

// condition selects some rows by their values. Of equal rows it selects all or none: the log could not say which one it was.
func (d *chaosDraw) condition(t *chaosTable) string {
	c := pick(d, t.written())
	value := pick(d, c.values)
	switch {
	case value == "NULL":
		return c.name + " IS NULL"
	case d.chance(3):
		return c.name + " > " + value
	case d.chance(3):
		return c.name + " <= " + value
	}
	return fmt.Sprintf("%s IN (%s, %s)", c.name, value, pick(d, c.values))
}

// drifts are statements that make the replica's table differ, given the rows that it has.
func (d *chaosDraw) drifts(t *chaosTable, rows []chaosRow) []string {
	var out []string
	for range d.IntN(4) {
		switch kind := d.IntN(4); {
		case kind < 2 && len(rows) > 0:
			out = append(out, d.lose(t, rows))
		case kind == 2 && len(rows) > 0:
			out = append(out, d.change(t, rows))
		case len(t.keys) > 0:
			out = append(out, d.extra(t))
		}
	}
	return out
}

// lose takes away a row, or some.
func (d *chaosDraw) lose(t *chaosTable, rows []chaosRow) string {
	if d.chance(3) {
		return d.delete(t)
	}
	sql := fmt.Sprintf("DELETE FROM %s WHERE tag = %s", t.name, pick(d, rows).tag())
	if d.chance(2) {
		sql += " LIMIT 1"
	}
	return sql
}

// change gives a row other values, without an error if it collides.
func (d *chaosDraw) change(t *chaosTable, rows []chaosRow) string {
	d.drift--
	return fmt.Sprintf("UPDATE IGNORE %s SET %s, tag = %d WHERE tag = %s", t.name, d.assignments(t), d.drift, pick(d, rows).tag())
}

// extra puts a row that the source does not have, unless it collides.
func (d *chaosDraw) extra(t *chaosTable) string {
	d.drift--
	return fmt.Sprintf("INSERT IGNORE INTO %s VALUES %s", t.into(), d.values(t, d.drift))
}
