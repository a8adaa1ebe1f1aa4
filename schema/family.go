package schema

// IsInteger reports whether the type is one of the whole numbers TINYINT to BIGINT.
func (t Type) IsInteger() bool { return t >= TypeTinyInt && t <= TypeBigInt }

// IsFloat reports whether the type is FLOAT or DOUBLE.
func (t Type) IsFloat() bool { return t == TypeFloat || t == TypeDouble }

// IsDated reports whether a value of the type has a calendar date: DATE, DATETIME or TIMESTAMP.
func (t Type) IsDated() bool { return t == TypeDate || t == TypeDatetime || t == TypeTimestamp }

// IsText reports whether the type is a string of characters: CHAR, VARCHAR or a TEXT.
func (t Type) IsText() bool {
	return t == TypeChar || t == TypeVarchar || t >= TypeTinyText && t <= TypeLongText
}

// HasCharset reports whether values of the type have a character set: text, ENUM and SET.
func (t Type) HasCharset() bool { return t.IsText() || t == TypeEnum || t == TypeSet }

// IsBinary reports whether the type is a string of bytes: BINARY, VARBINARY or a BLOB.
func (t Type) IsBinary() bool {
	return t == TypeBinary || t == TypeVarbinary || t >= TypeTinyBlob && t <= TypeLongBlob
}

// IsBytes reports whether a value of the type is known by its bytes only: binary strings, GEOMETRY and VECTOR.
func (t Type) IsBytes() bool { return t.IsBinary() || t == TypeGeometry || t == TypeVector }

// IsString reports whether the type is a string of characters or bytes, of which a key may have a prefix.
func (t Type) IsString() bool { return t.IsText() || t.IsBinary() }

// IsExact reports whether different values of the type have different bytes in the log, and equal ones the same, so that no
// server has to compare them. Text is subject to its collation; FLOAT and DOUBLE have two zeros; BLOB and JSON are no parts of
// whole keys.
func (t Type) IsExact() bool {
	switch t {
	case TypeDecimal, TypeBit, TypeYear, TypeTime, TypeBinary, TypeVarbinary, TypeEnum, TypeSet, TypeUUID, TypeInet4, TypeInet6:
		return true
	}
	return t.IsInteger() || t.IsDated()
}

// Bounds are the least and the greatest value of a column of an integer type.
func (c *Column) Bounds() (low int64, high uint64) {
	bits := map[Type]int{TypeTinyInt: 8, TypeSmallInt: 16, TypeMediumInt: 24, TypeInt: 32, TypeBigInt: 64}[c.Type]
	if c.Unsigned {
		return 0, 1<<bits - 1
	}
	return -1 << (bits - 1), 1<<(bits-1) - 1
}
