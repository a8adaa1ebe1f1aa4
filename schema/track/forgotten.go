package track

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	"binmend/schema/dump"
)

// A log can name tables and databases without end. Names of which no definition is known are forgotten when they take too much, and are
// unknown from there on, until a statement makes the table.

// maxSize bounds the bytes of all tables, packed, as the log has made or changed them, and of the names: 10,000 of 26 columns. Tests set
// it to less.
var maxSize = 16 << 20

// Bytes of what is kept of a name beside its letters.
const (
	bytesOfTable    = 1100 // a lineage, with the statements of its history and why it is not known, and its places in maps
	bytesOfDatabase = 400
	bytesOfApart    = 120
	bytesOfForeseen = 128
	bytesOfShape    = 160
)

// Bounds in bytes of what is known of databases, and of names that are those of several tables.
const (
	maxDatabases = 4 << 20
	maxApart     = 2 << 20
)

// forgotten is a Bloom filter of names: of names that were not added it has a few in a thousand, once a million were.
type forgotten struct {
	bits  []uint64  // nil: it is empty
	since Statement // the first of those after which something was forgotten
	lost  dump.Name // the first of those that may be there, and were not dropped
	n     int       // of these
}

// bitsOfForgotten is how many bits the filter has, in 2 MiB; a name has four of them.
const bitsOfForgotten = 1 << 24

func (f *forgotten) add(key dump.Name, s Statement) {
	if f.bits == nil {
		f.bits, f.since = make([]uint64, bitsOfForgotten/64), s
	}
	for _, bit := range bitsOf(key) {
		f.bits[bit/64] |= 1 << (bit % 64)
	}
}

func (f *forgotten) has(key dump.Name) bool {
	if f.bits == nil {
		return false
	}
	for _, bit := range bitsOf(key) {
		if f.bits[bit/64]>>(bit%64)&1 == 0 {
			return false
		}
	}
	return true
}

func bitsOf(key dump.Name) (bits [4]uint64) {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%s", key.Database, key.Table)
	sum := h.Sum64()
	for i := range bits {
		bits[i] = (sum + uint64(i)*(sum>>32|1)) % bitsOfForgotten
	}
	return bits
}

// isForgotten reports whether more may have been done to a table than is known. Its name is in lower case.
func (t *Tracker) isForgotten(key dump.Name) bool {
	return t.forgotten.has(key) || t.forgotten.has(dump.Name{Database: key.Database})
}

// unknown is a table about which something was forgotten.
func (t *Tracker) unknown() lineage {
	return lineage{changed: history{}.with(t.forgotten.since), reason: ErrForgotten}
}

// whatIsForgotten is for messages.
func (t *Tracker) whatIsForgotten() string {
	what := "the logs name so many tables and databases that not all are kept"
	if t.forgotten.since.Verb != "" {
		what += ", since the " + t.forgotten.since.String()
	}
	return fmt.Sprintf("%s: tables take more than %d MiB, databases than %d, or statements to come than %d. What they do to this one, if anything, is forgotten",
		what, maxSize>>20, maxDatabases>>20, maxForeseen>>20)
}

// forget makes a table unknown because something about it can't be kept; the log's own definition stays.
func (t *Tracker) forget(key dump.Name, s Statement) {
	t.forgotten.add(key, s)
	for _, name := range t.folded[key] {
		if l := t.tables[name]; !t.isCertain(l) {
			l.become(t.unknown())
		}
	}
}

// spread forgets a table that was made from a forgotten one.
func (t *Tracker) spread(from, to dump.Name, s Statement) {
	if t.isForgotten(from.Fold()) {
		t.forget(to.Fold(), s)
	}
}

// forgetNames forgets the names without a known definition when too much is kept. Nobody may be using one.
func (t *Tracker) forgetNames() {
	if t.size < maxSize/2 || t.size < t.sizeAfter+maxSize/16 {
		return
	}
	for name, l := range t.tables {
		if len(l.candidates) > 0 || l.used != nil || l.ofName == 0 {
			continue
		}
		if l.changed.n > 0 && l.gone == nil && l.reason != ErrForgotten {
			t.forgotten.lost = cmp.Or(t.forgotten.lost, name)
			t.forgotten.n++
		}
		t.remove(name, l)
		t.forget(name.Fold(), t.last)
	}
	isOut := func(l *lineage) bool { return l.isOut }
	t.order = slices.DeleteFunc(t.order, isOut)
	t.packing.changed = slices.DeleteFunc(t.packing.changed, isOut)
	t.sizeAfter = t.size
}

// remove takes a name off the tables.
func (t *Tracker) remove(name dump.Name, l *lineage) {
	delete(t.tables, name)
	key := name.Fold()
	if t.folded[key] = slices.DeleteFunc(t.folded[key], func(other dump.Name) bool { return other == name }); len(t.folded[key]) == 0 {
		delete(t.folded, key)
	}
	t.size -= l.bytes
	t.openBytes -= t.open[l]
	delete(t.open, l)
	l.isOut, l.bytes, l.ofName = true, 0, 0
}

// again makes the lineage of a name that was forgotten and that no table has now. A table whose name differs in case only may be the same
// one, so what is known of it does not count any longer.
func (t *Tracker) again(name dump.Name) *lineage {
	for _, other := range slices.Clone(t.folded[name.Fold()]) {
		t.remove(other, t.tables[other])
	}
	l := t.unknown()
	return &l
}

// admitsDatabase reports whether what a statement says of a database can be kept; if not, its tables are unknown.
func (t *Tracker) admitsDatabase(name string, s Statement) bool {
	_, isDropped := t.dropped[name]
	_, isLost := t.lost[name]
	_, hasEncoding := t.databases[name]
	if isDropped || isLost || hasEncoding {
		return true // all maps of one name are counted at once
	}
	if t.databaseBytes += bytesOfDatabase + 4*len(name); t.databaseBytes <= maxDatabases {
		return true
	}
	t.forgotten.add(dump.Name{Database: name}, s)
	return false
}

// passForeseen takes the first of the statements to come on a table off their list, and gives back the memory: parts of lists and maps
// that are not used any longer are not freed by themselves.
func (t *Tracker) passForeseen(key dump.Name) {
	list := t.foreseen[key]
	t.foreseenBytes -= list[0].size()
	switch list = list[1:]; {
	case len(list) > 0:
		if isPowerOf2 := len(list)&(len(list)-1) == 0; isPowerOf2 {
			list = slices.Clone(list)
		}
		t.foreseen[key] = list
	default:
		if delete(t.foreseen, key); len(t.foreseen) < t.foreseenKeys/2 {
			t.foreseen, t.foreseenKeys = maps.Collect(maps.All(t.foreseen)), len(t.foreseen)
		}
	}
}

// admitsForeseen reports whether a statement to come can be kept.
func (t *Tracker) admitsForeseen(f foreseen) bool {
	most := maxForeseen
	if t.files == nil {
		most = maxNamed
	}
	t.foreseenBytes += f.size()
	return t.foreseenBytes <= most
}
