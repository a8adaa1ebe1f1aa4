package schema

import (
	"context"

	"binmend/decoder"
)

// Completer gives the decoder what old table maps leave out, from the tables that r finds.
func Completer(ctx context.Context, r Resolver) decoder.Completer {
	return func(m *decoder.TableMap) (decoder.Definition, error) {
		t, err := r.Table(ctx, Ref{Database: m.Database, Table: m.Table, Map: m})
		if err != nil {
			return decoder.Definition{}, err
		}
		def := decoder.Definition{Columns: make([]decoder.Column, len(t.Columns)), Packed: t.packed()}
		for i := range t.Columns {
			def.Columns[i] = t.Columns[i].logged()
		}
		return def, nil
	}
}

// packed reports whether rows are of variable length (MySQL source: HA_OPTION_PACK_RECORD in mysql_prepare_create_table).
func (t *Table) packed() bool {
	if t.RowFormat == "DYNAMIC" {
		return true
	}
	for i := range t.Columns {
		switch c := &t.Columns[i]; {
		case blobWidth(c.Type) > 0, c.Type == TypeGeometry:
			return true
		case c.Type == TypeVarchar, c.Type == TypeVarbinary:
			if t.RowFormat != "FIXED" {
				return true
			}
		}
	}
	return false
}

// loggedTypes are the types for which a table map of MySQL 5.1 has only the number.
var loggedTypes = map[Type]decoder.ColumnType{
	TypeTinyInt: decoder.TypeTiny, TypeSmallInt: decoder.TypeShort, TypeMediumInt: decoder.TypeInt24, TypeInt: decoder.TypeLong,
	TypeBigInt: decoder.TypeLonglong, TypeFloat: decoder.TypeFloat, TypeDouble: decoder.TypeDouble, TypeYear: decoder.TypeYear,
	TypeDate: decoder.TypeDate,
}

// logged is the column as a table map of MySQL 5.1 describes it. LenBytes is 0 where the missing character set decides.
func (c *Column) logged() decoder.Column {
	log := decoder.Column{Nullable: c.Nullable}
	switch c.Type {
	case TypeDecimal:
		log.Type, log.Precision, log.Scale = decoder.TypeNewDecimal, c.Length, c.Decimals
	case TypeBit:
		log.Type, log.Length = decoder.TypeBit, c.Length
	case TypeTime:
		log.Type, log.Scale = decoder.TypeTime, c.Decimals
	case TypeDatetime:
		log.Type, log.Scale = decoder.TypeDatetime, c.Decimals
	case TypeTimestamp:
		log.Type, log.Scale = decoder.TypeTimestamp, c.Decimals
	case TypeChar, TypeBinary:
		log.Type = decoder.TypeString
		c.logLength(&log)
	case TypeVarchar, TypeVarbinary:
		log.Type = decoder.TypeVarchar
		c.logLength(&log)
	case TypeEnum:
		log.Type, log.Length = decoder.TypeEnum, enumBytes(len(c.Members))
	case TypeSet:
		log.Type, log.Length = decoder.TypeSet, setBytes(len(c.Members))
	case TypeGeometry:
		log.Type, log.LenBytes = decoder.TypeGeometry, 4
	default:
		if log.LenBytes = blobWidth(c.Type); log.LenBytes > 0 {
			log.Type = decoder.TypeBlob
		} else {
			log.Type = loggedTypes[c.Type]
		}
	}
	return log
}

// logLength turns a length in characters into the most bytes, and how many bytes a value's own length takes.
func (c *Column) logLength(log *decoder.Column) {
	log.Length, log.LenBytes = c.Length*MaxBytes(c.Charset), 1
	if log.Length > 255 {
		log.LenBytes = 2
	}
	if most := 3 * c.Length; c.Charset == "" && log.LenBytes == 1 && most > 255 {
		log.LenBytes = 0
	}
}
