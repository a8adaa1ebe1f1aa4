package dump

import "binmend/schema"

// resized are the existing columns that MODIFY or CHANGE makes TINYTEXT, TEXT or MEDIUMTEXT without a length in a statement that has
// CONVERT TO as well, by their new names, and how many characters the server then makes room for: as many as the column had before, as
// it counts them. LONGTEXT stays as it is. (MySQL source: prepare_create_field; tried on 8.0.15 and 9.7, with old columns of all types.)
func (a *alteration) resized(d *definition) map[string]int {
	if a.convert == nil || !a.resizesText {
		return nil
	}
	held, inherited := map[string]int{}, d.inherited()
	for i := range a.columns {
		change := &a.columns[i]
		at := d.column(change.old)
		if change.old == "" || at < 0 || blobSize(change.column.Type) == 0 || change.column.Type == schema.TypeLongText || change.column.Length > 0 ||
			change.column.lifted.charset == "binary" {
			continue
		}
		old := buildColumn(&d.columns[at], inherited)
		if size := width(&old); size > 0 {
			held[change.column.Name] = max(1, int(size/int64(max(1, schema.MaxBytes(old.Charset)))))
		}
	}
	return held
}

// recount is for how many characters a VARCHAR that CONVERT TO makes too long becomes a TEXT, 0 for any other column: the server divides
// its length by the bytes of a character as if it were in bytes. (MySQL source: prepare_create_field; tried on 8.0.15, 8.0.31 and 9.7.)
func (c *columnDefinition) recount(inherited encoding, to string) int {
	old := buildColumn(c, inherited)
	if old.Type != schema.TypeVarchar || old.Charset == "" || c.Length*schema.MaxBytes(to) <= maxVarchar {
		return 0
	}
	return max(1, c.Length/schema.MaxBytes(old.Charset))
}

// width is how long a column is to the server: a TEXT or BLOB in bytes, text in characters, and anything else as it is shown; 0 where
// that is not known here.
func width(c *schema.Column) int64 {
	switch c.Type {
	case schema.TypeTinyText, schema.TypeText, schema.TypeMediumText, schema.TypeLongText:
		return blobSize(c.Type)
	case schema.TypeTinyBlob:
		return blobSize(schema.TypeTinyText)
	case schema.TypeBlob:
		return blobSize(schema.TypeText)
	case schema.TypeMediumBlob:
		return blobSize(schema.TypeMediumText)
	case schema.TypeLongBlob, schema.TypeJSON, schema.TypeGeometry:
		return blobSize(schema.TypeLongText)
	case schema.TypeChar, schema.TypeVarchar, schema.TypeBinary, schema.TypeVarbinary, schema.TypeBit:
		return int64(c.Length)
	case schema.TypeTinyInt, schema.TypeSmallInt, schema.TypeMediumInt, schema.TypeInt, schema.TypeBigInt, schema.TypeYear, schema.TypeDate,
		schema.TypeTime, schema.TypeDatetime, schema.TypeTimestamp:
		return 1 // at most 26, which is a TINYTEXT in each character set
	}
	return 0
}
