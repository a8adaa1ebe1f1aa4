package decoder

import (
	"hash/maphash"

	"binmend/decoder/cache"
	"binmend/decoder/internal/bin"
)

// tableMaps remembers the table maps of the current statement, and the parsed form of earlier ones for reuse: servers write the
// same table map for every statement, with a new table id each time they open the table.
type tableMaps struct {
	byID      map[uint64]*mappedTable
	recent    [4]foundTable // of byID, found again without it: nearly always a log goes round among a few tables
	next      int           // of recent, to be replaced
	bytes     int           // memory of byID
	parsed    cache.Cache[uint64, mappedTable]
	seed      maphash.Seed
	statement uint64
	dropped   uint64 // 1 more than the statement whose table maps were too many to be kept
	completer Completer
}

// mappedTable is a table map and the event that it was parsed from.
type mappedTable struct {
	body      string // of the event, after the table id
	format    *Format
	pos       Position
	tm        *TableMap // nil: parsed again when rows need it
	statement uint64    // the statement that the map was last written for
}

// foundTable is a table map that an id was found to have; nil: none.
type foundTable struct {
	id    uint64
	table *mappedTable
}

// The memory for table maps. A statement writes a table map for each table that it has locked. Their bytes are kept until it
// ends, their parsed form only if there is room.
const (
	maxMapped     = 2 << 20  // bytes of the table maps that have an id
	maxMappedBody = 16 << 20 // of their events alone
	maxParsedMaps = 4 << 20  // bytes of those that are kept for other ids
)

// addTableMap remembers a table map event.
func (t *tableMaps) addTableMap(e *Event) error {
	c := bin.New(e.Body)
	id := e.tableID(&c)
	body := c.Rest()
	known := t.find(id)
	if known != nil && known.tm != nil && known.body == string(body) {
		known.statement = t.statement
		return nil
	}
	found, err := t.parse(e, body)
	if err != nil {
		return err
	}
	found.statement = t.statement
	if t.byID == nil {
		t.byID = make(map[uint64]*mappedTable)
	}
	if known != nil {
		t.bytes -= known.size()
	}
	t.byID[id] = &found
	clear(t.recent[:]) // the id may have had another one
	if t.bytes += found.size(); t.bytes > maxMapped {
		t.makeRoom(&found)
	}
	return nil
}

// find returns the table map that was last written for an id, or nil.
func (t *tableMaps) find(id uint64) *mappedTable {
	for i := range t.recent {
		if f := &t.recent[i]; f.id == id && f.table != nil {
			return f.table
		}
	}
	m := t.byID[id]
	t.recent[t.next] = foundTable{id, m}
	t.next = (t.next + 1) % len(t.recent)
	return m
}

// parse parses a table map, or reuses one whose body after the table id is equal.
func (t *tableMaps) parse(e *Event, body []byte) (mappedTable, error) {
	if t.seed == (maphash.Seed{}) {
		t.seed, t.parsed.Bytes = maphash.MakeSeed(), maxParsedMaps
	}
	hash := maphash.Bytes(t.seed, body)
	if found, ok := t.parsed.Get(hash); ok && found.body == string(body) {
		return found, nil
	}
	tm, err := parseTableMap(e)
	if err != nil {
		return mappedTable{}, err
	}
	tm.complete(t.completer, e.Format.Server.Flavor)
	m := mappedTable{body: string(body), format: e.Format, pos: e.Pos, tm: tm}
	if !tm.asked { // if asked, another id may mean another definition
		t.parsed.Put(hash, m, m.size())
	}
	return m, nil
}

func (m *mappedTable) size() int {
	n := len(m.body) + 256
	if m.tm != nil {
		n += m.tm.Size()
	}
	return n
}

// makeRoom forgets table maps of other statements, and as many of the current one as needed.
func (t *tableMaps) makeRoom(last *mappedTable) {
	t.forgetOld()
	if t.bytes <= maxMapped/2 {
		return
	}
	t.bytes = 0
	for _, m := range t.byID {
		if m != last {
			m.tm = nil
		}
		t.bytes += m.size()
	}
	if t.bytes > maxMappedBody {
		clear(t.recent[:])
		clear(t.byID) // rows of these tables are an error
		t.bytes, t.dropped = 0, t.statement+1
	}
}

// forgetOld forgets the table maps of other statements.
func (t *tableMaps) forgetOld() {
	clear(t.recent[:])
	for id, m := range t.byID {
		if m.statement != t.statement {
			t.bytes -= m.size()
			delete(t.byID, id)
		}
	}
}

// forgetAll forgets the table maps of other statements, and those kept for other ids.
func (t *tableMaps) forgetAll() {
	t.forgetOld()
	t.parsed.Clear()
}

// mapped returns the current statement's table map for id, in its parsed form; nil when there is none.
func (r *Reader) mapped(id uint64) *mappedTable {
	t := &r.maps
	m := t.find(id)
	if m == nil || m.statement != t.statement {
		return nil
	}
	if m.tm == nil && !t.parseAgain(m, r) {
		return nil
	}
	return m
}

// parseAgain parses a table map that makeRoom has forgotten. It was parsed before, so it can't fail.
func (t *tableMaps) parseAgain(m *mappedTable, r *Reader) bool {
	e := Event{Header: Header{Type: EventTableMap}, Format: m.format, Pos: m.pos, reader: r}
	e.Body = make([]byte, 6, 6+len(m.body))
	c := bin.New(e.Body)
	e.tableID(&c)
	e.Body = append(e.Body[:c.Offset()], m.body...)
	found, err := t.parse(&e, e.Body[c.Offset():])
	if err != nil {
		return false
	}
	t.bytes -= m.size()
	m.tm = found.tm
	if t.bytes += m.size(); t.bytes > maxMapped {
		t.makeRoom(m)
	}
	return true
}

// endStatement invalidates the table maps: servers write them again for every statement.
func (t *tableMaps) endStatement() { t.statement++ }
