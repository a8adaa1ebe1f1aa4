package replay

import (
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/decoder/words"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// A statement must not exceed max_allowed_packet. The row did not, but its text may: hex is twice as long. So the long values of a
// long row become user variables, which are set piece by piece before the statement.
const (
	longRow     = 1 << 20   // bytes of a row whose long values are variables
	longValue   = 32 << 10  // bytes of such a value
	pieceBytes  = 256 << 10 // of the value, in one statement
	largePacket = 4 << 20   // bytes of a statement that get a note: the smallest default of max_allowed_packet
)

// longCell is a value that is put into a variable.
type longCell struct {
	variable string
	cell     decoder.Cell
}

// variable is the variable of a value in the current row; "" if the value is in the statement itself.
func (w *rowWriter) variable(ordinal int, v decoder.Cell) string {
	c := &w.table.table.Columns[ordinal]
	if !w.long || v.State() != decoder.Value || v.ContentLength() < longValue || !c.Type.IsText() && !c.Type.IsBytes() && c.Type != schema.TypeGeometry {
		return ""
	}
	role := "new"
	if w.naming {
		role = "old"
	}
	name := fmt.Sprintf("@binmend_%s_%d", role, ordinal+1)
	if !w.quiet {
		w.cells = append(w.cells, longCell{name, v})
	}
	return name
}

// setVariables writes the statements that set the variables of a row.
func (w *rowWriter) setVariables(cells []longCell) error {
	for _, c := range cells {
		v, err := c.cell.Inflated()
		if err != nil {
			return err
		}
		w.appendVariable(c.variable, v.Raw())
	}
	return nil
}

// appendVariable appends the statements that set a user variable to a binary string.
func (r *renderer) appendVariable(name string, data []byte) {
	if len(data) <= pieceBytes {
		r.text = fmt.Appendf(r.text, "SET %s=x'%x';\n", name, data)
		return
	}
	var pieces []string
	for len(data) > 0 {
		piece := data[:min(len(data), pieceBytes)]
		data = data[len(piece):]
		pieces = append(pieces, fmt.Sprintf("%s_%d", name, len(pieces)+1))
		r.text = r.spilled(fmt.Appendf(r.text, "SET %s=x'%x';\n", pieces[len(pieces)-1], piece))
	}
	r.text = fmt.Appendf(r.text, "SET %s=CONCAT(%s);\n", name, strings.Join(pieces, ", "))
	r.text = fmt.Appendf(r.text, "SET %s=NULL;\n", strings.Join(pieces, "=NULL, "))
}

// sameAsVariable appends the condition that a column equals a variable.
func (w *rowWriter) sameAsVariable(ordinal int, variable string) {
	format := "%s <=> %s"
	switch t := w.table.table.Columns[ordinal].Type; {
	case t.IsText():
		format = "CAST(%s AS BINARY) <=> %s"
	case t == schema.TypeGeometry:
		format = "HEX(%s) <=> HEX(%s)"
	}
	w.text = fmt.Appendf(w.text, format, w.table.names[ordinal], variable)
}

// noteSize says above a statement that it is long.
func (r *renderer) noteSize(dst []byte, size int) []byte {
	if size < largePacket {
		return dst
	}
	r.summary.Largest = max(r.summary.Largest, size)
	return sqltext.AppendComment(dst, fmt.Sprintf("The next statement needs a max_allowed_packet of more than %s, of the client too.", words.Count(size, "byte")))
}
