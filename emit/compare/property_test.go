package compare

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binmend/schema/dump"
	"binmend/schema/replica"
)

// draw makes a random history of the source's tables: what was there before the span, and a log of transactions.
type draw struct {
	*rapid.T
	log        *logWriter
	keyed, bag content // the source's, as they are now
	touched    map[string]bool
	isMade     bool // the log makes the tables
	number     int
	at         []snapshot // after each transaction
	hasMoved   bool       // a row got another key
}

type snapshot struct{ keyed, bag content }

func newDraw(t *rapid.T) *draw {
	d := &draw{T: t, log: newLogWriter(), keyed: content{}, bag: content{}, touched: map[string]bool{}}
	d.log.minimal = rapid.Bool().Draw(t, "minimal")
	if d.isMade = rapid.Bool().Draw(t, "made"); d.isMade {
		for _, sql := range strings.Split(modelSchema, ";\n") {
			d.log.ddl(sql)
			d.keep()
		}
		return d
	}
	for range rapid.IntRange(0, 10).Draw(t, "before") {
		if r := d.row(); d.fits(r, "") {
			d.keyed[r[0]] = r
		}
		d.number++
		d.bag[strconv.Itoa(d.number)] = d.bagRow()
	}
	return d
}

func (d *draw) keep() { d.at = append(d.at, snapshot{d.keyed.clone(), d.bag.clone()}) }

func (d *draw) row() row {
	u := strconv.Itoa(rapid.IntRange(1, 12).Draw(d.T, "u"))
	if rapid.IntRange(0, 4).Draw(d.T, "null") == 0 {
		u = "NULL"
	}
	return row{strconv.Itoa(rapid.IntRange(1, 12).Draw(d.T, "id")), u, fmt.Sprintf("'v%d'", rapid.IntRange(0, 3).Draw(d.T, "v"))}
}

func (d *draw) bagRow() row {
	return row{strconv.Itoa(rapid.IntRange(1, 3).Draw(d.T, "a")), fmt.Sprintf("'w%d'", rapid.IntRange(0, 1).Draw(d.T, "w"))}
}

// fits reports whether a row breaks no key; beside is the row that it takes the place of.
func (d *draw) fits(r row, beside string) bool { return fits(d.keyed, r, beside) }

func fits(rows content, r row, beside string) bool {
	for id, other := range rows {
		if id != beside && (id == r[0] || other[1] == r[1] && r[1] != "NULL") {
			return false
		}
	}
	return true
}

// transaction changes some rows.
func (d *draw) transaction() {
	var list []modelChange
	for range rapid.IntRange(1, 4).Draw(d.T, "changes") {
		if rapid.IntRange(0, 3).Draw(d.T, "table") == 0 {
			list = append(list, d.changeBag())
			continue
		}
		if c, ok := d.changeKeyed(); ok {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return
	}
	d.log.transaction(list)
	d.keep()
}

func (d *draw) changeKeyed() (c modelChange, ok bool) {
	r := d.row()
	old, has := d.keyed[r[0]]
	switch rapid.IntRange(0, 3).Draw(d.T, "kind") {
	case 0:
		if has || !d.fits(r, "") {
			return c, false
		}
	case 1:
		if !has {
			return c, false
		}
		delete(d.keyed, r[0])
		d.touch(old)
		return modelChange{"keyed", old, nil}, true
	default: // also of the key
		if len(d.keyed) == 0 {
			return c, false
		}
		id := rapid.SampledFrom(slices.Sorted(maps.Keys(d.keyed))).Draw(d.T, "of")
		if old = d.keyed[id]; !d.fits(r, id) || slices.Equal(old, r) {
			return c, false
		}
		delete(d.keyed, id)
		d.touch(old)
		has = true
		d.hasMoved = d.hasMoved || old[0] != r[0]
	}
	d.keyed[r[0]] = r
	d.touch(r)
	c = modelChange{table: "keyed", after: r}
	if has {
		c.before = old
	}
	return c, true
}

func (d *draw) touch(r row) { d.touched[r[0]] = true }

func (d *draw) changeBag() modelChange {
	if len(d.bag) > 0 && rapid.Bool().Draw(d.T, "remove") {
		k := rapid.SampledFrom(slices.Sorted(maps.Keys(d.bag))).Draw(d.T, "which")
		r := d.bag[k]
		delete(d.bag, k)
		return modelChange{"bag", r, nil}
	}
	d.number++
	r := d.bagRow()
	d.bag[strconv.Itoa(d.number)] = r
	return modelChange{"bag", nil, r}
}

// drift changes a replica in ways that the span can tell: rows that it touches, and rows with values that it gave to others.
func (d *draw) drift(rows content) {
	for range rapid.IntRange(0, 6).Draw(d.T, "drifts") {
		r := d.row()
		switch rapid.IntRange(0, 2).Draw(d.T, "drift") {
		case 0:
			if d.touched[r[0]] {
				delete(rows, r[0])
			}
		case 1:
			if d.touched[r[0]] && fits(rows, r, r[0]) {
				rows[r[0]] = r
			}
		default:
			r[0] = strconv.Itoa(rapid.IntRange(100, 103).Draw(d.T, "foreign"))
			if d.isMade && fits(rows, r, "") {
				rows[r[0]] = r
			}
		}
	}
}

// TestModel: whatever the span and the drift, every difference is one, and after the script all rows that the span tells are the
// source's.
func TestModel(t *testing.T) {
	files, err := dump.Load(strings.NewReader("USE d;\n"+modelSchema), "model.sql")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		d := newDraw(r)
		base := uint64(len(d.at))
		for range rapid.IntRange(0, 8).Draw(r, "transactions") {
			d.transaction()
		}
		if len(d.at) == 0 {
			return
		}
		applied := rapid.Uint64Range(max(1, base), uint64(len(d.at))).Draw(r, "applied")
		want := d.at[applied-1]
		m := &model{t: t, schema: files, files: dir, tables: map[string]content{"keyed": want.keyed.clone(), "bag": want.bag.clone()},
			statuses: []*replica.Status{statusUpTo(applied, "No")}}
		if !reachedAll(d, applied) {
			return // what is touched later is not drifted here
		}
		d.drift(m.tables["keyed"])
		if d.isMade && len(m.tables["bag"]) > 0 && rapid.Bool().Draw(r, "drift of the bag") {
			delete(m.tables["bag"], slices.Min(slices.Collect(maps.Keys(m.tables["bag"]))))
			m.tables["bag"]["drifted"] = row{"7", "'x'"}
		}
		found := compareModel(t, m, d.log.Bytes())
		checkDifferences(r, found, want)
		mend(r, m, found)
		if d.log.minimal && (!d.isMade || d.hasMoved) {
			return // the log does not tell all of the rows
		}
		for id := range d.touched {
			if !slices.Equal(m.tables["keyed"][id], want.keyed[id]) {
				r.Fatalf("row %s is %q after the script, %q on the source", id, m.tables["keyed"][id], want.keyed[id])
			}
		}
		if d.isMade && (!maps.EqualFunc(m.tables["keyed"], want.keyed, slices.Equal) || bagText(m.tables["bag"]) != bagText(want.bag)) {
			r.Fatalf("after the script the tables are\n%v\n%v\non the source\n%v\n%v", m.tables["keyed"], bagText(m.tables["bag"]), want.keyed, bagText(want.bag))
		}
		again := compareModel(t, m, d.log.Bytes())
		if n := again.Differences(); n > 0 {
			r.Fatalf("a second comparison finds %d differences", n)
		}
		found.Close()
		again.Close()
		os.RemoveAll(dir)
		os.Mkdir(dir, 0o700)
	})
}

// reachedAll reports whether the rows that the span touches are all touched by what is applied.
func reachedAll(d *draw, applied uint64) bool { return applied == uint64(len(d.at)) }

func bagText(rows content) string {
	var list []string
	for _, r := range rows {
		list = append(list, strings.Join(r, ","))
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// checkDifferences makes sure that no row of the source is called wrong.
func checkDifferences(t *rapid.T, found *Result, want snapshot) {
	err := found.Each(func(x *Difference) error {
		if x.Table.Key == nil {
			return nil
		}
		if x.Kind != Missing {
			var have row
			for _, l := range x.Have.Literals {
				have = append(have, string(l))
			}
			if slices.Equal(have, want.keyed[have[0]]) {
				t.Fatalf("%s: %q is the source's row (%s)", x.Kind, have, x.Why)
			}
		}
		if x.Want != nil {
			r := want.keyed[string(x.Want.Literals[0])]
			for i, l := range x.Want.Literals {
				if l != nil && (r == nil || !bytes.Equal(l, []byte(r[i]))) {
					t.Fatalf("%s: wants %q, the source has %q", x.Kind, x.Want.Literals, r)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// mend carries the script out: removals first.
func mend(t *rapid.T, m *model, found *Result) {
	var puts []*Difference
	err := found.Each(func(x *Difference) error {
		if x.Kind == Missing && !x.IsMended() {
			return nil
		}
		if x.Kind == Differs {
			delete(m.tables["keyed"], string(x.Have.Literals[0]))
		}
		if x.Kind == Extra {
			m.apply(x)
			return nil
		}
		puts = append(puts, x.clone())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range puts {
		m.apply(x)
	}
}

// TestRunningApplier: while a replica applies transactions between the reads, no row of it is called wrong; what no transaction
// touches any more, and is wrong, is found.
func TestRunningApplier(t *testing.T) {
	files, err := dump.Load(strings.NewReader("USE d;\n"+modelSchema), "model.sql")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp("", "model-*")
		if err != nil {
			r.Fatal(err)
		}
		defer os.RemoveAll(dir)
		d := newDraw(r)
		for range rapid.IntRange(1, 8).Draw(r, "transactions") {
			d.transaction()
		}
		if len(d.at) == 0 {
			return
		}
		position := rapid.IntRange(min(len(d.at), 2), len(d.at)).Draw(r, "applied")
		m := &model{t: t, schema: files, files: dir}
		drifted := row{"200", "NULL", "'drift'"}
		goTo := func(to int) {
			position = to
			at := d.at[to-1]
			m.tables = map[string]content{"keyed": at.keyed.clone(), "bag": at.bag.clone()}
			m.tables["keyed"]["200"] = drifted
			m.statuses = []*replica.Status{statusUpTo(uint64(to), "Yes")}
		}
		goTo(position)
		m.onRead = func() {
			if position < len(d.at) && rapid.Bool().Draw(r, "moves") {
				goTo(rapid.IntRange(position, len(d.at)).Draw(r, "to"))
			}
		}
		found := compareModel(t, m, d.log.Bytes())
		defer found.Close()
		extra := 0
		err = found.Each(func(x *Difference) error {
			if d.isMade && x.Kind == Extra && string(x.Have.Literals[0]) == "200" {
				extra++
				return nil
			}
			return fmt.Errorf("%s: has %v, wants %v", x.Kind, x.Have, x.Want)
		})
		if err != nil {
			r.Fatal(err)
		}
		if d.isMade && extra != 1 {
			r.Fatalf("the row that drifted was found %d times", extra)
		}
	})
}
