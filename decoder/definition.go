package decoder

import (
	"fmt"

	"binmend/decoder/internal/decimal"
)

// Some table maps do not say how long values are. MySQL before 5.1.18 logs only the columns' types. MariaDB leaves out the
// fraction digits of TIME, DATETIME and TIMESTAMP in the formats of before MySQL 5.6, which MariaDB 5.3 and later store with
// fractions (always up to 10.0, then with mysql56_temporal_format=OFF). Such rows can be read only with the table's
// definition.

// Definition is how a table's definition says its rows are stored.
type Definition struct {
	Columns []Column // as a table map of MySQL 5.1.18 or later describes them; LenBytes is 0 where the definition leaves it open
	Packed  bool     // rows are of variable length (MySQL source: HA_OPTION_PACK_RECORD)
}

// A Completer finds the definition of the table that m maps.
type Completer func(m *TableMap) (Definition, error)

// SetCompleter makes the reader ask for definitions where a table map leaves something out. It has to come before the
// first Next. Without one, or where it gives an error, the rows of such a table are an error.
func (r *Reader) SetCompleter(c Completer) { r.maps.completer = c }

// IsBare reports whether only the columns' types are known: the log has nothing else, and no definition completed it.
func (m *TableMap) IsBare() bool { return m.bare && m.record == nil }

// IsOpen reports whether something about the columns is unknown: the log left it out, and no definition completed it. The
// rows can't be read, or not with certainty.
func (m *TableMap) IsOpen() bool { return m.open }

// complete asks for the definition if the table map needs one.
func (m *TableMap) complete(c Completer, writer Flavor) {
	m.open = m.bare || writer == MariaDB && m.hasOldTemporals()
	if c == nil || !m.open {
		return
	}
	m.asked = true
	def, err := c(m)
	switch {
	case err == nil && m.bare:
		err = m.define(def)
	case err == nil:
		m.addFractions(def.Columns)
	}
	m.open = err != nil
	if m.bare {
		m.incomplete = err
	}
	m.compile()
}

func (m *TableMap) hasOldTemporals() bool {
	for i := range m.Columns {
		if isOldTemporal(m.Columns[i].Type) {
			return true
		}
	}
	return false
}

// addFractions completes the temporal columns of a table map of MariaDB's.
func (m *TableMap) addFractions(columns []Column) {
	for i := range min(len(columns), len(m.Columns)) {
		if col := &m.Columns[i]; isOldTemporal(col.Type) {
			col.Scale = min(max(columns[i].Scale, 0), 6)
		}
	}
}

// define completes a table map that has nothing but types.
func (m *TableMap) define(def Definition) error {
	if len(def.Columns) != len(m.Columns) {
		return fmt.Errorf("its definition has %d columns, the table map has %d", len(def.Columns), len(m.Columns))
	}
	columns := make([]Column, len(m.Columns))
	for i := range columns {
		if err := checkDefined(m.Columns[i].Type, &def.Columns[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
		columns[i] = def.Columns[i]
		columns[i].Type = storedType(m.Columns[i].Type, def.Columns[i].Type)
	}
	m.Columns, m.record = columns, newRecordLayout(columns, def.Packed)
	return nil
}

// storedType resolves the STRING of a table map; the other types are what it says.
func storedType(logged, defined ColumnType) ColumnType {
	if logged == TypeString {
		return defined
	}
	return logged
}

// SameBareType reports whether a table map with nothing but types shows a column of the defined type as the logged one.
func SameBareType(logged, defined ColumnType) bool {
	switch logged {
	case TypeString:
		return defined == TypeString || defined == TypeEnum || defined == TypeSet
	case TypeVarString:
		return defined == TypeVarString || defined == TypeVarchar
	case TypeNewDate:
		return defined == TypeNewDate || defined == TypeDate
	}
	return logged == defined
}

// checkDefined checks the definition of a column against its type in the log.
func checkDefined(logged ColumnType, def *Column) error {
	if !SameBareType(logged, def.Type) {
		return fmt.Errorf("its definition says %s, the table map %s", def.Type, logged)
	}
	switch def.Type {
	case TypeBit:
		return fmt.Errorf("a BIT, whose place in such a row depends on the storage engine")
	case TypeNewDecimal:
		return decimal.Check(def.Precision, def.Scale)
	case TypeEnum, TypeSet:
		if def.Length < 1 || def.Length > 8 {
			return fmt.Errorf("a %s of %d bytes", def.Type, def.Length)
		}
	}
	if plan := cellPlanOf(def); plan.fixed == 0 && (plan.prefix < 1 || plan.prefix > 4) {
		return fmt.Errorf("its definition does not say how many bytes a %s may have: its character set is missing", def.Type)
	}
	return nil
}

// recordLayout is the position of each null bit in a table's record.
type recordLayout struct {
	nullBytes uint64
	nullBit   []int // of each column; -1 for one that is never NULL
}

// newRecordLayout gives each nullable column a bit, in column order. Unless rows are packed, one bit that belongs to no column
// comes first (MySQL source: open_binary_frm).
func newRecordLayout(columns []Column, packed bool) *recordLayout {
	layout := &recordLayout{nullBit: make([]int, len(columns))}
	next := 1
	if packed {
		next = 0
	}
	for i := range columns {
		layout.nullBit[i] = -1
		if columns[i].Nullable {
			layout.nullBit[i] = next
			next++
		}
	}
	layout.nullBytes = uint64(next+7) / 8
	return layout
}
