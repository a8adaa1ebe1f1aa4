package export_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/walk"
	"binmend/schema"
	"binmend/schema/dump"
)

// step is a statement of a history.
type step struct {
	sql      string
	changes  []change // of columns
	converts bool     // CONVERT TO CHARACTER SET
}

// change is one of a column.
type change struct{ verb, old, new, kind, place string }

// altering makes an ALTER TABLE.
func altering(begin string, changes ...change) step {
	var list []string
	for i := range changes {
		c := &changes[i]
		switch c.verb {
		case "RENAME":
			list = append(list, "RENAME COLUMN "+c.old+" TO "+c.new)
		default:
			list = append(list, strings.Join(strings.Fields(c.verb+" "+c.old+" "+c.new+" "+c.kind+" "+c.place), " "))
		}
		if c.verb == "MODIFY" {
			c.new = c.old
		}
	}
	return step{sql: begin + strings.Join(list, ", "), changes: changes}
}

// order moves the names of columns as the server does.
func (s step) order(names []string) []string {
	to := map[string]string{}
	for _, c := range s.changes {
		if c.old != "" {
			to[c.old] = c.new
		}
	}
	var list []string
	for _, name := range names {
		if next, changed := to[name]; !changed {
			list = append(list, name)
		} else if next != "" {
			list = append(list, next)
		}
	}
	for _, c := range s.changes {
		if c.kind == "" || c.old != "" && c.place == "" {
			continue
		}
		list = slices.DeleteFunc(list, func(name string) bool { return name == c.new })
		at := len(list)
		if c.place == " FIRST" {
			at = 0
		} else if after, ok := strings.CutPrefix(c.place, " AFTER "); ok {
			at = slices.Index(list, after) + 1
		}
		list = slices.Insert(list, at, c.new)
	}
	return list
}

// tables are the table's definitions after each statement.
func (h *history) tables() (list []*schema.Table) {
	for _, create := range h.shown {
		files, err := dump.Load(strings.NewReader("USE d;\n"+create+";\n"), "server")
		if err != nil {
			h.t.Fatal(err)
		}
		list = append(list, files.Tables()[0])
	}
	return list
}

// unknowable is what can have been otherwise before a row in another history, with the same definition at hand and the same log, so
// that the row would read otherwise; "" for nothing. The definition is of one of the moments.
func (h *history) unknowable(row int, given *schema.Table, moments []int) string {
	if row < 0 {
		return ""
	}
	tables, epoch := h.tables(), h.at[row]-1
	for _, moment := range moments {
		for _, order := range otherOrders(names(tables[0])) {
			w := world{h, tables, moment, given, order}
			differs, ok := w.live(row)
			switch {
			case !ok:
			case differs:
				return "the order of columns"
			}
			for i := range tables[epoch].Columns {
				c := &tables[epoch].Columns[i]
				if what := h.lost(c, epoch, moment); ok && what != "" && h.matters(what, c, h.values[row][c.Name]) {
					return what
				}
			}
		}
	}
	return ""
}

// otherOrders are the names as they are, with one in another place, and with two exchanged.
func otherOrders(list []string) [][]string {
	all := [][]string{list}
	for i := range list {
		for at := range list {
			moved, swapped := slices.Delete(slices.Clone(list), i, i+1), slices.Clone(list)
			swapped[i], swapped[at] = swapped[at], swapped[i]
			all = append(all, slices.Insert(moved, at, list[i]), swapped)
		}
	}
	return all
}

// world is another history: the table began with its columns in another order, and the given definition is that of the moment.
type world struct {
	*history
	tables []*schema.Table
	moment int
	given  *schema.Table
	order  []string
}

// live has the world's statements run. It is one of the same log if a column that a statement or the definition makes has the type
// that the log has in its place. differs means that the row reads otherwise than it did.
func (w *world) live(row int) (differs, ok bool) {
	order := w.order
	said := map[string]string{} // the types that statements gave to columns
	for epoch, t := range w.tables {
		if epoch > 0 {
			s := w.steps[epoch-1]
			order, said = s.order(order), w.types(s, said, t)
		}
		if len(order) != len(t.Columns) || epoch == w.moment && !w.isGiven(order, said, t) {
			return false, false
		}
		real := names(t)
		for i, name := range order {
			if typ, ok := said[name]; ok && typ != w.shapeOf(&t.Columns[i]) {
				return false, false
			}
			differs = differs || epoch == w.at[row]-1 && w.values[row][name] != w.values[row][real[i]]
		}
	}
	return differs, true
}

// isGiven reports whether the table can look as given.
func (w *world) isGiven(order []string, said map[string]string, real *schema.Table) bool {
	if !slices.Equal(order, names(w.given)) {
		return false
	}
	for i := range real.Columns {
		c := &w.given.Columns[i]
		if w.shapeOf(c) != w.shapeOf(&real.Columns[i]) || said[c.Name] != "" && c.SQLType() != real.Columns[i].SQLType() {
			return false
		}
		said[c.Name] = w.shapeOf(c)
	}
	return true
}

// types are the types that columns have by statements after one more.
func (h *history) types(s step, said map[string]string, t *schema.Table) map[string]string {
	next := maps.Clone(said)
	for _, c := range s.changes {
		delete(next, c.old)
	}
	for _, c := range s.changes {
		switch typ, ok := said[c.old]; {
		case c.kind != "":
			next[c.new] = h.shapeOf(&t.Columns[t.Column(c.new)])
		case c.new != "" && ok:
			next[c.new] = typ
		}
	}
	return next
}

// lost is what a statement up to the moment overwrites of a column, which no statement before the row says.
func (h *history) lost(c *schema.Column, epoch, moment int) string {
	what := ""
	switch {
	case c.Type.IsString():
		what = "charset"
	case c.Type.IsInteger():
		what = "sign"
	case c.Type == schema.TypeEnum, c.Type == schema.TypeSet:
		what = "members"
	}
	isConverted := what == "charset" && slices.ContainsFunc(h.steps[min(epoch, moment):moment], func(s step) bool { return s.converts })
	kind, isDefined := h.defined(c.Name, epoch)
	if h.isOverwritten(c.Name, epoch, moment) || isConverted && (!isDefined || !strings.Contains(kind, "CHARACTER SET")) {
		return what
	}
	return ""
}

// defined is what a statement before a row says that a column is.
func (h *history) defined(name string, epoch int) (kind string, ok bool) {
	for _, s := range slices.Backward(h.steps[:epoch]) {
		i := slices.IndexFunc(s.changes, func(c change) bool { return c.new == name })
		switch {
		case i < 0:
		case s.changes[i].kind != "":
			return s.changes[i].kind, true
		default:
			name = s.changes[i].old
		}
	}
	return "", false
}

// isOverwritten reports whether a column that no statement before a row defines is changed or dropped after it.
func (h *history) isOverwritten(name string, epoch, moment int) bool {
	if _, ok := h.defined(name, epoch); ok {
		return false
	}
	for _, s := range h.steps[min(epoch, moment):moment] {
		i := slices.IndexFunc(s.changes, func(c change) bool { return c.old == name })
		switch {
		case i < 0:
		case s.changes[i].verb != "RENAME":
			return true
		default:
			name = s.changes[i].new
		}
	}
	return false
}

// matters reports whether a value reads otherwise without what is lost. MySQL logs the sign and the character set from 8.0 on.
func (h *history) matters(what string, c *schema.Column, value string) bool {
	switch {
	case value == "<nil>":
		return false
	case what == "members":
		return value != ""
	case !h.isTerse:
		return false
	case what == "sign":
		bits := map[schema.Type]uint{schema.TypeTinyInt: 7, schema.TypeInt: 31, schema.TypeBigInt: 63}[c.Type]
		var n int64
		_, err := fmt.Sscan(value, &n)
		return err == nil && (n < 0 || n >= 1<<bits)
	}
	return value != "" || c.Type == schema.TypeChar
}

// shapeOf is what a table map has of a column, without what follows from its character set.
func (h *history) shapeOf(c *schema.Column) string {
	length := c.Length
	if c.Type.IsText() {
		length = 0
	}
	return fmt.Sprint(c.Type, length, c.Decimals, c.Nullable, c.Unsigned && !h.isTerse)
}

func names(t *schema.Table) (list []string) {
	for i := range t.Columns {
		list = append(list, t.Columns[i].Name)
	}
	return list
}

// rowsAt are the places of the rows in the log.
func (h *history) rowsAt() (places []string) {
	w, err := (&walk.Logs{Names: h.logs}).From(decoder.Position{})
	if err != nil {
		h.t.Fatal(err)
	}
	defer w.Close()
	for e, err := range w.All(context.Background()) {
		if err != nil {
			h.t.Fatal(err)
		}
		if e.IsRows() {
			places = append(places, fmt.Sprintf("%s at offset %d", e.Pos.File, e.Pos.Offset))
		}
	}
	return places
}

// rowOf is the number of the row that an error is about, or -1.
func (h *history) rowOf(err error) int {
	return slices.IndexFunc(h.rowsAt(), func(place string) bool { return strings.Contains(err.Error(), place) })
}
