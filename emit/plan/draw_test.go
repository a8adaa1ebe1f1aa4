package plan_test

import (
	"slices"

	"pgregory.net/rapid"

	"binmend/schema"
)

var (
	texts    = []string{"", "a", "A", "b", "B", "ab", "aB", "é", "É", "è", "éa", "c"}
	integers = []string{"\x00", "\x01", "\x02", "\x03", "\x04"}
)

// drawTable makes a table of two to five columns with up to three unique keys, a primary key among them or not.
func drawTable(t *rapid.T) *schema.Table {
	tb := &schema.Table{Database: "d", Name: "t", Source: "test"}
	n := rapid.IntRange(2, 5).Draw(t, "columns")
	for c := range n {
		column := schema.Column{Name: string(rune('p' + c)), Type: schema.TypeTinyInt, Nullable: rapid.Bool().Draw(t, "nullable")}
		switch rapid.IntRange(0, 5).Draw(t, "type") {
		case 0, 1, 2:
		case 3, 4:
			column.Type, column.Charset = schema.TypeVarchar, "utf8mb4"
		case 5:
			column.Type, column.Charset = schema.TypeBlob, "binary"
		}
		switch {
		case column.Nullable:
			column.Default.Kind = schema.DefaultNull
		case column.Type == schema.TypeTinyInt:
			column.Default = schema.Default{Kind: schema.DefaultLiteral, Text: "0"}
		default:
			kind := rapid.SampledFrom([]schema.DefaultKind{schema.DefaultLiteral, schema.DefaultExpression}).Draw(t, "default")
			column.Default = schema.Default{Kind: kind, Text: "b"}
		}
		tb.Columns = append(tb.Columns, column)
	}
	if rapid.IntRange(0, 3).Draw(t, "generated") == 0 {
		base := tb.Columns[0]
		tb.Columns = append(tb.Columns, schema.Column{Name: "g", Type: base.Type, Charset: base.Charset,
			Nullable: base.Nullable, Generated: schema.Virtual, Expr: base.Name})
	}
	keys := rapid.IntRange(0, 3).Draw(t, "keys")
	for k := range keys {
		key := schema.Key{Name: string(rune('k' + k))}
		if k == 0 && rapid.IntRange(0, 3).Draw(t, "primary") > 0 {
			key.Name, key.Primary = "PRIMARY", true
		}
		drawParts(t, tb, &key)
		tb.Keys = append(tb.Keys, key)
	}
	return tb
}

func drawParts(t *rapid.T, tb *schema.Table, key *schema.Key) {
	for range rapid.IntRange(1, 2).Draw(t, "parts") {
		c := rapid.IntRange(0, len(tb.Columns)-1).Draw(t, "part")
		if slices.ContainsFunc(key.Parts, func(p schema.KeyPart) bool { return p.Column == c }) {
			continue
		}
		column := &tb.Columns[c]
		if key.Primary {
			if column.Generated != schema.NotGenerated {
				if len(key.Parts) > 0 {
					continue
				}
				c, column = 0, &tb.Columns[0]
			}
			column.Nullable = false
			if column.Default.Kind == schema.DefaultNull {
				column.Default = schema.Default{Kind: schema.DefaultLiteral, Text: "0"}
			}
			key.Parts = append(key.Parts, schema.KeyPart{Column: c})
			for i := range tb.Columns {
				if tb.Columns[i].Expr == column.Name {
					tb.Columns[i].Nullable = false
				}
			}
			continue
		}
		part := schema.KeyPart{Column: c}
		if column.Type == schema.TypeVarchar {
			switch rapid.IntRange(0, 5).Draw(t, "kind of part") {
			case 0:
				part.Prefix = 1
			case 1:
				expr := rapid.SampledFrom([]string{exprLower, exprNullIf, exprIfNull}).Draw(t, "expression")
				part = schema.KeyPart{Column: -1, Expr: expr, Columns: []int{c}}
			}
		}
		key.Parts = append(key.Parts, part)
	}
}

func drawValue(t *rapid.T, column *schema.Column) value {
	if column.Nullable && rapid.IntRange(0, 2).Draw(t, "null") == 0 {
		return value{null: true}
	}
	if column.Type == schema.TypeTinyInt {
		return value{bytes: rapid.SampledFrom(integers).Draw(t, "integer")}
	}
	return value{bytes: rapid.SampledFrom(texts).Draw(t, "text")}
}

func drawRow(t *rapid.T, tb *schema.Table) row {
	r := make(row, len(tb.Columns))
	for c := range tb.Columns {
		r[c] = drawValue(t, &tb.Columns[c])
	}
	generate(tb, r)
	return r
}

// source is a model server that logs.
type source struct {
	database
	ids  []int // of the rows
	next int
	log  []change
}

func (s *source) insert(r row, written []bool) bool {
	if s.conflict(r, -1) >= 0 {
		return false
	}
	s.rows, s.ids = append(s.rows, r), append(s.ids, s.next)
	s.log = append(s.log, change{id: s.next, after: r, written: written})
	s.next++
	return true
}

func (s *source) update(i int, r row, written []bool) bool {
	if s.conflict(r, i) >= 0 {
		return false
	}
	if !slices.Equal(s.rows[i], r) {
		s.log = append(s.log, change{id: s.ids[i], before: s.rows[i], after: r, written: written})
		s.rows[i] = r
	}
	return true
}

func (s *source) delete(i int) {
	s.log = append(s.log, change{id: s.ids[i], before: s.rows[i]})
	s.rows, s.ids = slices.Delete(s.rows, i, i+1), slices.Delete(s.ids, i, i+1)
}

// drawScenario runs one to fourteen random statements on a random table. A statement that a server would refuse ends
// before the row in question; what it did until then counts, as in a table without transactions.
func drawScenario(t *rapid.T) *scenario {
	tb := drawTable(t)
	s := &scenario{table: tb, mode: drawMode(t), first: map[int]row{}}
	src := &source{database: database{table: tb}}
	for range rapid.IntRange(0, 8).Draw(t, "rows") {
		src.insert(drawRow(t, tb), nil)
	}
	src.log = nil
	s.before = slices.Clone(src.rows)
	for i, id := range src.ids {
		s.first[id] = src.rows[i]
	}
	for range rapid.IntRange(1, 14).Draw(t, "statements") {
		drawStatement(t, src)
	}
	s.changes = src.log
	t.Logf("%v image, keys %+v, source %v", s.mode, tb.Keys, s.before)
	for i, c := range s.changes {
		t.Logf("change %d: %v -> %v", i+1, c.before, c.after)
	}
	return s
}

func drawMode(t *rapid.T) imageMode {
	return rapid.SampledFrom([]imageMode{full, full, full, minimal, noblob, fullNodup}).Draw(t, "image")
}

func drawStatement(t *rapid.T, s *source) {
	switch rapid.IntRange(0, 6).Draw(t, "statement") {
	case 0, 1:
		drawInsert(t, s)
	case 2:
		drawReplace(t, s)
	case 3, 4:
		if len(s.rows) > 0 {
			drawUpdate(t, s, []int{rapid.IntRange(0, len(s.rows)-1).Draw(t, "row")})
		}
	case 5:
		drawUpdate(t, s, drawOrder(t, len(s.rows)))
	case 6:
		if len(s.rows) > 0 {
			s.delete(rapid.IntRange(0, len(s.rows)-1).Draw(t, "row"))
		}
	}
}

// drawInsert leaves some columns to their defaults.
func drawInsert(t *rapid.T, s *source) {
	r, written := drawRow(t, s.table), make([]bool, len(s.table.Columns))
	implied := defaults(s.table)
	for c := range r {
		written[c] = rapid.IntRange(0, 3).Draw(t, "given") > 0
		if !written[c] {
			r[c] = implied[c]
		}
	}
	generate(s.table, r)
	markGenerated(s.table, written)
	s.insert(r, written)
}

// markGenerated adds the generated columns whose base is written, as servers do.
func markGenerated(tb *schema.Table, written []bool) {
	for c := range tb.Columns {
		if tb.Columns[c].Generated != schema.NotGenerated {
			written[c] = written[tb.Column(tb.Columns[c].Expr)]
		}
	}
}

// drawReplace is REPLACE: it deletes the rows in its way.
func drawReplace(t *rapid.T, s *source) {
	r := drawRow(t, s.table)
	for i := s.conflict(r, -1); i >= 0; i = s.conflict(r, -1) {
		s.delete(i)
	}
	s.insert(r, slices.Repeat([]bool{true}, len(r)))
}

// drawUpdate writes some columns of the rows in the given order; a number may be one more or one less in each.
func drawUpdate(t *rapid.T, s *source, rows []int) {
	written := make([]bool, len(s.table.Columns))
	for c := range written {
		written[c] = s.table.Columns[c].Generated == schema.NotGenerated && rapid.Bool().Draw(t, "written")
	}
	markGenerated(s.table, written)
	given, step := drawRow(t, s.table), byte(rapid.IntRange(0, 2).Draw(t, "step"))-1
	for _, i := range rows {
		r := slices.Clone(s.rows[i])
		for c := range r {
			switch {
			case !written[c]:
			case step != 0 && s.table.Columns[c].Type == schema.TypeTinyInt && !r[c].null:
				r[c].bytes = string([]byte{r[c].bytes[0] + step})
			default:
				r[c] = given[c]
			}
		}
		generate(s.table, r)
		if !s.update(i, r, written) {
			return
		}
	}
}

func drawOrder(t *rapid.T, n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return rapid.Permutation(order).Draw(t, "order")
}

// drawReplica is the source's table with rows missing, changed, added and in the way.
func (s *scenario) drawReplica(t *rapid.T) *database {
	db := &database{table: s.table}
	for _, r := range s.before {
		switch rapid.IntRange(0, 3).Draw(t, "drift") {
		case 0:
		case 1:
			db.addRow(drawChanged(t, s.table, r))
		default:
			db.addRow(r)
		}
	}
	for range rapid.IntRange(0, 5).Draw(t, "extra rows") {
		db.addRow(drawRow(t, s.table))
	}
	for _, c := range s.changes {
		if c.after != nil && rapid.IntRange(0, 3).Draw(t, "taken") == 0 {
			db.addRow(drawChanged(t, s.table, c.after))
		}
	}
	return db
}

// drawChanged is the row with one column changed.
func drawChanged(t *rapid.T, tb *schema.Table, r row) row {
	r = slices.Clone(r)
	c := rapid.IntRange(0, len(r)-1).Draw(t, "column")
	r[c] = drawValue(t, &tb.Columns[c])
	generate(tb, r)
	return r
}

// add inserts the row unless another is in its way.
func (db *database) addRow(r row) {
	if db.conflict(r, -1) < 0 {
		db.rows = append(db.rows, r)
	}
}
