package decoder

import (
	"fmt"

	"binmend/decoder/fault"
)

// The row events 20 to 22 of MySQL 5.1 before its first stable release. They hold rows much as the server's memory does:
// reading them needs the table's definition.

func (t EventType) isPreGA() bool { return t >= EventPreGAWriteRows && t <= EventPreGADeleteRows }

// notDefined says why the rows can't be read; nil when they can.
func (re *RowsEvent) notDefined() error {
	switch {
	case re.Map.incomplete != nil:
		return &fault.Error{Reason: ErrUndefined, What: "the log has nothing but the types of its columns, and " + re.Map.incomplete.Error()}
	case re.Map.bare && re.Map.record == nil:
		return &fault.Error{Reason: ErrUndefined, What: "the log has nothing but the types of its columns, as servers before MySQL 5.1.18 write it"}
	case re.preGA && re.Map.record == nil:
		return &fault.Error{Reason: ErrUnsupported, What: fmt.Sprintf("a %s event with a table map of a later server", re.ev.Type)}
	}
	return nil
}

// readRecord reads one row image (MySQL source: unpack_row_old).
//
//	bytes  field
//	n      null bits of the record, see newRecordLayout
//	rest   the values of the columns present; a NULL has one too, the column's default
func (re *RowsEvent) readRecord(cells Image, p *imagePlan) Image {
	layout := re.Map.record
	nulls := re.data.Bytes(layout.nullBytes, "null bits")
	if re.data.Err() != nil {
		return cells
	}
	for i := range re.Map.rowPlan {
		plan := &re.Map.rowPlan[i]
		if !p.all && !bit(p.present, i) {
			cells = append(cells, Cell{})
			continue
		}
		cell := Cell{col: plan.col, data: plan.read(&re.data), state: Value}
		if at := layout.nullBit[i]; at >= 0 && bit(nulls, at) {
			cell = NullCell(plan.col)
		}
		cells = append(cells, cell)
	}
	return cells
}

// skipRecord skips what readRecord reads.
func (re *RowsEvent) skipRecord(p *imagePlan) {
	re.data.Bytes(re.Map.record.nullBytes, "null bits")
	for i := range re.Map.rowPlan {
		if re.data.Err() == nil && (p.all || bit(p.present, i)) {
			re.Map.rowPlan[i].read(&re.data)
		}
	}
}
