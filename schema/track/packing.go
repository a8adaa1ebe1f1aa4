package track

import (
	"binmend/schema"
	"binmend/schema/dump"
)

// maxOpen bounds the bytes of the tables of statements that are kept as rows use them; of the others, those that were opened first are
// packed, but not one that was wanted again since it was passed over. Tests set it to nothing.
var maxOpen = 5 << 20

// packing counts the bytes of the definitions that statements have made.
type packing struct {
	changed   []*lineage       // those that statements have changed and that are not packed yet
	order     []*lineage       // those that were opened for rows, in this order
	open      map[*lineage]int // their bytes
	openBytes int              // of all of them
	size      int              // bytes of all names, and of all definitions packed
}

func newPacking() packing { return packing{open: map[*lineage]int{}} }

// opened unpacks what is known of a table.
func (p *packing) opened(l *lineage) *lineage {
	if l.isOpen {
		l.isWanted = true
		return l
	}
	for i := range l.candidates {
		if c := &l.candidates[i]; c.packed != nil {
			c.def, c.packed = c.packed.Definition(), nil
		}
	}
	if l.isOpen = true; l.sizeOfChanged() > 0 {
		p.order = append(p.order, l)
		p.noteOpen(l)
	}
	return l
}

// noteOpen counts the bytes of a table that is open for rows.
func (p *packing) noteOpen(l *lineage) {
	p.openBytes -= p.open[l]
	p.open[l] = l.sizeOfChanged()
	p.openBytes += p.open[l]
}

// noteChanged counts a table that a statement has changed, which is open now.
func (p *packing) noteChanged(l *lineage) {
	l.isOpen = true
	if _, isOpened := p.open[l]; isOpened {
		p.noteOpen(l)
	} else if n := len(p.changed); l.sizeOfChanged() > 0 && (n == 0 || p.changed[n-1] != l) {
		p.changed = append(p.changed, l)
	}
}

// sizeOfChanged is about how many bytes the definitions take that are not the files'.
func (l *lineage) sizeOfChanged() (n int) {
	for _, c := range l.candidates {
		if !c.ofFiles && c.def != nil {
			n += c.def.Size()
		}
	}
	return n
}

// pack packs the tables that statements have changed, but not the last one, and those of rows while too much is open. Nobody may be
// using one.
func (p *packing) pack() {
	for ; len(p.changed) > 1; p.changed = p.changed[1:] {
		p.packOne(p.changed[0])
	}
	for p.openBytes > maxOpen && len(p.order) > 1 {
		first := p.order[0]
		p.order = p.order[1:]
		if first.isWanted && !first.isOut {
			first.isWanted = false
			p.order = append(p.order, first)
			continue
		}
		p.openBytes -= p.open[first]
		delete(p.open, first)
		p.packOne(first)
	}
}

func (p *packing) packOne(l *lineage) {
	if !l.isOpen || l.isOut {
		return
	}
	size := 0
	for i := range l.candidates {
		c := &l.candidates[i]
		if c.ofFiles {
			continue
		}
		if packed, ok := c.def.Pack(); ok {
			c.def, c.packed, l.isOpen = nil, &packed, false
			size += packed.Size()
		} else {
			size += c.def.Size()
		}
	}
	p.setSize(l, size)
}

// setSize counts a table's name and its definitions, which are packed.
func (p *packing) setSize(l *lineage, size int) {
	p.size -= l.bytes
	l.bytes = l.ofName + size
	p.size += l.bytes
}

// count counts a table that a statement has changed, and forgets its definitions if too much is kept of all tables.
func (t *Tracker) count(name dump.Name, l *lineage, s Statement) {
	if len(l.candidates) == 0 {
		t.setSize(l, 0)
	}
	if t.noteChanged(l); t.size > maxSize && len(l.candidates) > 0 {
		t.setSize(l, 0)
		t.forgotten.add(name.Fold(), s)
		l.become(t.unknown())
	}
}

// references is a candidate's table with its foreign keys, and perhaps more of it.
func (c *candidate) references() *schema.Table {
	switch {
	case c.packed != nil:
		return c.packed.References()
	case c.def != nil:
		return c.def.Table
	}
	return &schema.Table{}
}
