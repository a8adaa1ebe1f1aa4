package decoder

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

func (f *fieldReader) tableID() {
	if f.event.Format.PostHeaderLength(f.event.Type) == 6 {
		f.number(4, "table id")
		return
	}
	f.number(6, "table id")
}

func (f *fieldReader) tableMap() {
	f.tableID()
	f.bits(2, "flags")
	f.short("database")
	f.number(1, "end of the database")
	f.short("table")
	f.number(1, "end of the table")
	n := f.length("number of columns")
	types := f.take(n)
	var names []string
	for _, t := range types {
		names = append(names, strings.ToLower(ColumnType(t).String()))
	}
	f.give(types, "column types", strings.Join(names, ", "))
	f.text(f.length("length of the metadata"), "metadata of the types")
	f.text((n+7)/8, "nullable")
	for f.body.Len() > 0 {
		before := f.body.Len()
		number := f.number(1, "field")
		name := "optional metadata"
		if number < uint64(len(metadataNames)) {
			name = metadataNames[number]
		}
		if f.text(f.length("length of the field"), name); f.body.Len() == before {
			return
		}
	}
}

func (f *fieldReader) rows() {
	f.tableID()
	f.bits(2, "flags")
	re, err := f.event.Rows()
	if err != nil {
		return
	}
	if re.isVersion2() {
		f.number(2, "length of the extra information")
		f.text(uint64(len(re.Extra)), "extra information")
	}
	width := f.length("number of columns")
	f.text((width+7)/8, "columns")
	if re.Kind == Update && !re.preGA {
		f.text((width+7)/8, "columns after")
	}
	if f.event.isCompressedRows() || re.preGA {
		f.rest("rows")
		return
	}
	for row, err := range re.All() {
		if err != nil || f.err != nil {
			return
		}
		b := f.take(uint64(re.rawEnd))
		if len(b) == 0 {
			return
		}
		if re.partial {
			f.give(b, fmt.Sprintf("row %d", re.number), "")
			continue
		}
		b = f.image(b, re, &re.before, row.Before, "before")
		f.image(b, re, &re.after, row.After, "after")
	}
}

// image gives a row image that b begins with, and returns what follows it.
func (f *fieldReader) image(b []byte, re *RowsEvent, p *imagePlan, cells Image, which string) []byte {
	if len(cells) == 0 {
		return b
	}
	nulls := (p.columns + 7) / 8
	f.give(b[:nulls], fmt.Sprintf("row %d, %s: null", re.number, which), "")
	b = b[nulls:]
	for i := range cells {
		cell, plan := &cells[i], &re.Map.rowPlan[i]
		if cell.state != Value {
			continue
		}
		name := cell.col.Name
		if name == "" {
			name = "@" + strconv.Itoa(i+1)
		}
		if plan.prefix > 0 {
			f.give(b[:plan.prefix], "length", strconv.Itoa(len(cell.data)))
		}
		f.give(b[plan.prefix:plan.prefix+len(cell.data)], name, cellText(cell))
		b = b[plan.prefix+len(cell.data):]
	}
	return b
}

// cellText is a value as text where that says more than its bytes, which does not fit everywhere.
func cellText(c *Cell) string {
	const longest = 256
	if len(c.data) > longest {
		return ""
	}
	text, err := c.AppendText(nil)
	if err != nil || bytes.Equal(text, c.data) || len(text) > longest {
		return ""
	}
	return string(text)
}
