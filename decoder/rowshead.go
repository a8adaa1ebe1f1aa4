package decoder

import "binmend/decoder/internal/bin"

// rowsHead is how a row event begins, and the table map that its table id has. A too short event has only zeros.
type rowsHead struct {
	id    uint64
	flags RowsFlags
	table *mappedTable // with its parsed form; nil: the event's statement has none
	known bool
}

// rowsHead reads the beginning of a row event, once while it is the reader's event: all who follow a log ask for it.
func (e *Event) rowsHead() rowsHead {
	if e.reader == nil || e != &e.reader.event {
		return e.readRowsHead()
	}
	if head := &e.reader.head; !head.known {
		*head = e.readRowsHead()
	}
	return e.reader.head
}

func (e *Event) readRowsHead() rowsHead {
	const length = 6 + 2
	head := rowsHead{known: true}
	if len(e.Body) >= length && e.Format.PostHeaderLength(e.Type) != 6 {
		head.id, head.flags = bin.Uint48At(e.Body, 0), RowsFlags(bin.Uint16At(e.Body, 6))
	} else {
		c := bin.New(e.Body)
		head.id, head.flags = e.tableID(&c), RowsFlags(c.Uint16("flags"))
		if c.Err() != nil {
			return rowsHead{known: true}
		}
	}
	if e.reader != nil {
		head.table = e.reader.mapped(head.id)
	}
	return head
}

// RowsFlags are the flags of a row event.
type RowsFlags uint16

// The flags. A server knows others, which say nothing of the rows.
const (
	rowsStatementEnd            RowsFlags = 0x0001
	RowsNoForeignKeyChecks      RowsFlags = 0x0002
	RowsRelaxedUniqueChecks     RowsFlags = 0x0004
	RowsNoCheckConstraintChecks RowsFlags = 0x0080 // MariaDB
)

// RowsFlags are the flags of a row event.
func (e *Event) RowsFlags() RowsFlags { return e.rowsHead().flags }

// EndsStatement reports whether a row event is the last of its statement.
func (e *Event) EndsStatement() bool { return e.rowsHead().flags&rowsStatementEnd != 0 }

// RowsKind is what a row event does; ok is false for other events.
func (e *Event) RowsKind() (kind RowsKind, ok bool) { return rowsKind(e.Type) }

// IsRows reports whether the event holds row changes.
func (e *Event) IsRows() bool { return rowsKinds[e.Type] != 0 && !e.isDummy() }

// dummyTableID is the table id of an event without rows that only ends a statement. A table may have this id too.
const dummyTableID = 0xffffff

// isDummy reports whether a row event belongs to no table and only ends a statement.
func (e *Event) isDummy() bool {
	head := e.rowsHead()
	return head.id == dummyTableID && head.table == nil && head.flags&rowsStatementEnd != 0
}

// RowsTable is the table map of a row event. It does not read the rows.
func (e *Event) RowsTable() (*TableMap, error) {
	if _, ok := rowsKind(e.Type); !ok {
		return nil, e.fail(ErrUnsupported, "expected a row event, found %s", e.Type)
	}
	if head := e.rowsHead(); head.table != nil {
		return head.table.tm, nil
	}
	c := bin.New(e.Body)
	id := e.tableID(&c)
	if c.Err() != nil {
		return nil, e.corrupt(c.Err())
	}
	if m := e.reader.mapped(id); m != nil { // the event ends before its flags
		return m.tm, nil
	}
	return nil, e.noTableMap(id)
}
