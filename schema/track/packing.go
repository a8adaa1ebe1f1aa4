package track

import (
	"fmt"

	"binmend/schema"
)

// maxOpen bounds the bytes of the tables of statements that are kept as they are used; of the others, those that were opened first are
// packed, but not one that was wanted again since it was passed over. Tests set it to nothing.
var maxOpen = 10 << 20

// wordsOfColumn is about how many bytes a definition takes for a column beside those that schema.Table counts.
const wordsOfColumn = 500

// packing is what the definitions take that statements have made.
type packing struct {
	order     []*lineage       // those that are open, in the order in which they were opened
	open      map[*lineage]int // their bytes
	openBytes int              // of all of them
	counted   map[*lineage]int // bytes of the packed definitions of a table
	size      int              // of all of them
}

func newPacking() packing { return packing{open: map[*lineage]int{}, counted: map[*lineage]int{}} }

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
	p.note(l)
	return l
}

// note adds a table to those that are open, or counts it again.
func (p *packing) note(l *lineage) {
	bytes := 0
	for _, c := range l.candidates {
		if !c.ofFiles {
			bytes += inUse(c.def.Table)
		}
	}
	before, isNoted := p.open[l]
	if l.isOpen = true; bytes == 0 && !isNoted {
		return
	}
	if !isNoted {
		p.order = append(p.order, l)
	}
	p.open[l] = bytes
	p.openBytes += bytes - before
}

func inUse(t *schema.Table) int { return t.Size() + len(t.Columns)*wordsOfColumn }

// pack packs tables while too much is open, but not the last one. Nobody may be using one.
func (p *packing) pack() {
	for p.openBytes > maxOpen && len(p.order) > 1 {
		first := p.order[0]
		p.order = p.order[1:]
		if first.isWanted {
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
			size += inUse(c.def.Table)
		}
	}
	p.setSize(l, size)
}

func (p *packing) setSize(l *lineage, size int) {
	p.size += size - p.counted[l]
	if p.counted[l] = size; size == 0 {
		delete(p.counted, l)
	}
}

// count takes a table that a statement has changed for an open one, and forgets it when there are too many in all.
func (t *Tracker) count(l *lineage, s Statement) {
	if len(l.candidates) == 0 {
		t.setSize(l, 0)
	}
	if t.note(l); t.size > maxSize {
		t.setSize(l, 0)
		*l = lineage{changed: l.changed, reason: fmt.Errorf("at the %s there are more than %d MiB of tables to follow", s, maxSize>>20)}
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
