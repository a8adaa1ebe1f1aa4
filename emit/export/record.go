package export

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/changes"
)

// record is what is exported of a row change besides the row.
type record struct {
	change      string
	database    string
	table       string
	source      string // the label of the server that wrote the log, "" when the export has none
	file        string // the last element of the log's path
	offset      int64  // of the row event
	row         int    // in the event, from 1
	transaction int    // from 1, see Options.number
	gtid        string
	time        uint32 // seconds since 1970 in the event's header
	server      uint32
	thread      uint32
}

// recordOf makes the record for a row event, without the number of the row.
func recordOf(c *changes.Chunk, o *Options, i *changes.Item, gtid string) record {
	t := c.TransactionOf(i)
	return record{
		change: strings.ToLower(i.Rows.Kind.String()), database: i.Rows.Map.Database, table: i.Rows.Map.Table,
		source: o.Source, file: cmp.Or(o.Log, filepath.Base(i.Rows.Pos.File)), offset: i.Rows.Pos.Offset, transaction: o.number(t), gtid: gtid,
		time: i.Rows.Timestamp, server: i.Rows.ServerID, thread: t.Thread,
	}
}

// gtids caches the text of the last transaction's GTID.
type gtids struct {
	chunk, transaction int
	known              bool
	text               string
}

func (g *gtids) of(c *changes.Chunk, i *changes.Item) string {
	if !g.known || g.chunk != c.Number || g.transaction != i.Transaction {
		*g = gtids{chunk: c.Number, transaction: i.Transaction, known: true, text: c.TransactionOf(i).GTID.String()}
	}
	return g.text
}

// Summary is what an export did.
type Summary struct {
	Rows             uint64
	Files            int    // Parquet files
	Statements       uint64 // changes logged as statements, which are not in the export
	NotRepresentable uint64 // values that their Parquet type can't hold
}

func (s *Summary) addSummary(o Summary) {
	s.Rows += o.Rows
	s.Files += o.Files
	s.Statements += o.Statements
	s.NotRepresentable += o.NotRepresentable
}

// eachRow calls yield for each row of a chunk, and counts the statements.
func eachRow(c *changes.Chunk, o *Options, rows *changes.RowReader, g *gtids, yield func(*record, *schema.Table, *decoder.Row) error) (Summary, error) {
	var s Summary
	var r record
	for n := range c.Items {
		i := &c.Items[n]
		switch i.Kind {
		case changes.KindStatement, changes.KindLoad:
			s.Statements++
			continue
		case changes.KindRows:
		default:
			continue
		}
		if err := rows.Open(c, i); err != nil {
			return s, err
		}
		r = recordOf(c, o, i, g.of(c, i))
		for {
			row, err := rows.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return s, err
			}
			r.row = rows.Number()
			if err := yield(&r, i.Table, row); err != nil {
				return s, fmt.Errorf("%s at offset %d: row %d: %w", r.file, r.offset, r.row, err)
			}
			s.Rows++
		}
	}
	return s, nil
}
