package plan

import "unsafe"

// lineages are the rows that are known, in blocks: a slice that grows would be in memory twice.
type lineages struct {
	blocks [][]lineage
	n      int
}

const lineageBlock = 1 << 8

func (l *lineages) at(id int) *lineage { return &l.blocks[id/lineageBlock][id%lineageBlock] }

// add returns the number of the new one.
func (l *lineages) add(row lineage) int {
	if l.n%lineageBlock == 0 {
		l.blocks = append(l.blocks, make([]lineage, lineageBlock))
	}
	l.n++
	*l.at(l.n - 1) = row
	return l.n - 1
}

// What is counted for a row, its place among equal ones, a value of a key and one that must be free: what is kept, with what the plan makes
// of it. Slices and maps that grow take up to twice their contents for a moment.
const (
	lineageSize = int(unsafe.Sizeof(lineage{})) + 2*int(unsafe.Sizeof(Presence{}))
	placeSize   = 2 * (int(unsafe.Sizeof(placed{})) + 32)
	slotSize    = 2 * (int(unsafe.Sizeof(slot{})) + 24)
	absenceSize = 2*int(unsafe.Sizeof(absence{})) + 2*int(unsafe.Sizeof(Absence{}))
)

// Size is about how many bytes of memory the planner takes, with the plan that it makes.
func (p *Planner) Size() int { return p.size + p.arena.size }
