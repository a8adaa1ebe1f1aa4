package plan

import (
	"binmend/decoder"
	"binmend/schema"
)

// defaultCell is what an inserted row has in a column that the log leaves out (binlog_row_image=MINIMAL): its default
// where that is NULL, an absent cell otherwise.
func defaultCell(c *schema.Column) decoder.Cell {
	if c.Default.Kind == schema.DefaultNull && c.Generated == schema.NotGenerated {
		return decoder.NullCell(nil)
	}
	return decoder.Cell{}
}
