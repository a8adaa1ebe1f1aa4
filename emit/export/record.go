package export

import (
	"fmt"
	"io"
	"strconv"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/schema"
	"binmend/schema/changes"
)

// record is what is exported of a row change besides the row.
type record struct {
	change      string           // one of those below
	kind        decoder.RowsKind // of the change of a row
	database    string
	table       string
	source      string // the label of the server that wrote the log, "" when the export has none
	file        string // the last element of the log's path
	offset      int64  // of the row event
	row         int    // in the event, from 1
	transaction int    // from 1, see Options.number
	key         string // of the transaction: its GTID, or else the place of its first event
	gtid        string
	time        uint32 // seconds since 1970 in the event's header
	commit      int64  // microseconds since 1970; 0 where the log does not say
	server      uint32
	thread      uint32
	statement   string // of DDL
}

// What a record says has happened.
const (
	changeInsert = "insert"
	changeUpdate = "update"
	changeDelete = "delete"

	changeTruncate = "truncate"
	changeDDL      = "ddl"
)

var changeOf = [...]string{decoder.Insert: changeInsert, decoder.Update: changeUpdate, decoder.Delete: changeDelete}

// recordOf makes the record for a row event, without the number of the row.
func (rs *records) recordOf(c *changes.Chunk, i *changes.Item) record {
	names := rs.names.of(c, rs.options, i)
	t := c.TransactionOf(i)
	return record{
		change: changeOf[i.Rows.Kind], kind: i.Rows.Kind, database: i.Rows.Map.Database, table: i.Rows.Map.Table,
		source: rs.options.Source, file: rs.options.nameOf(i.Rows.Pos.File), offset: i.Rows.Pos.Offset, transaction: rs.options.number(t),
		key: names.key, gtid: names.gtid,
		time: i.Rows.Timestamp, commit: t.Commit, server: i.Rows.ServerID, thread: t.Thread,
	}
}

// names caches the names of the last transaction.
type names struct {
	chunk, transaction int
	known              bool
	gtid               string // "" when it has none
	key                string // its GTID, or else the log and the offset of its first event
}

func (n *names) of(c *changes.Chunk, o *Options, i *changes.Item) *names {
	if !n.known || n.chunk != c.Number || n.transaction != i.Transaction {
		t := c.TransactionOf(i)
		*n = names{chunk: c.Number, transaction: i.Transaction, known: true, gtid: t.GTID.String()}
		if n.key = n.gtid; n.key == "" {
			n.key = o.nameOf(t.Start.File) + ":" + strconv.FormatInt(t.Start.Offset, 10)
		}
	}
	return n
}

// records makes the records of chunks, in one goroutine.
type records struct {
	options *Options
	filter  *filter.Filter
	rows    changes.RowReader
	names   names
	record  record // of the current row
}

// taker takes the records of a chunk.
type taker interface {
	takeRow(*record, *schema.Table, *decoder.Row) error
	takeDDL(*record) error
}

// each gives the records of a chunk to a taker, and counts them and the other statements.
func (rs *records) each(c *changes.Chunk, to taker) (s Summary, err error) {
	for at := range c.Items {
		switch i := &c.Items[at]; i.Kind {
		case changes.KindStatement:
			err = rs.eachDDL(c, i, &s, to)
		case changes.KindLoad:
			s.Statements++
		case changes.KindRows:
			err = rs.eachRow(c, i, &s, to)
		}
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

func (rs *records) eachRow(c *changes.Chunk, i *changes.Item, s *Summary, to taker) error {
	if err := rs.rows.Open(c, i); err != nil {
		return err
	}
	r := &rs.record
	*r = rs.recordOf(c, i)
	for {
		row, err := rs.rows.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if r.row = rs.rows.Number(); i.Table != nil && i.Table.HidesPeriod() {
			kind, ok := i.Table.CurrentKind(i.Rows.Kind, row)
			if !ok {
				continue // without its period a row of the history can't be told from the current one
			}
			if r.change, r.kind = changeOf[kind], kind; kind != i.Rows.Kind {
				row = &decoder.Row{Before: row.Before}
			}
		}
		if err := to.takeRow(r, i.Table, row); err != nil {
			return fmt.Errorf("%s at offset %d: row %d: %w", r.file, r.offset, r.row, err)
		}
		s.Rows++
	}
}
