package dump

import (
	"slices"
	"strings"

	"binmend/schema"
)

// changeOf is the MODIFY or CHANGE of a column, or nil.
func (a *alteration) changeOf(name string) *columnChange {
	for i := range a.columns {
		if c := &a.columns[i]; c.old != "" && !c.skipped && !c.replaces && strings.EqualFold(c.old, name) {
			return c
		}
	}
	return nil
}

// moves reports whether the column gets another place.
func (c *columnChange) moves() bool { return c.first || c.after != "" }

// find notes what becomes of the column that the i-th change is about. IF EXISTS and IF NOT EXISTS are judged by the old
// columns, even those that the statement drops or renames, and IF NOT EXISTS by the names that come before it as well (MariaDB source:
// handle_if_exists_options; tried on 10.11, 11.4 and 11.8). MariaDB takes a MODIFY or CHANGE of an unknown column for one of the column of the new name that is added
// before it (MariaDB source: mysql_prepare_alter_table).
func (a *alteration) find(i int, d *definition, renamed renaming) error {
	c := &a.columns[i]
	if c.old == "" {
		isMade := func(other columnChange) bool {
			return !other.skipped && strings.EqualFold(other.column.Name, c.column.Name)
		}
		c.skipped = c.optional && (d.column(c.column.Name) >= 0 || slices.ContainsFunc(a.columns[:i], isMade))
		return nil
	}
	isAdded := func(other columnChange) bool {
		return other.old == "" && strings.EqualFold(other.column.Name, c.column.Name)
	}
	c.skipped, c.replaces = false, false
	_, taken := renamed[strings.ToLower(c.old)] // dropped, or changed before
	switch {
	case d.column(c.old) >= 0 && !taken:
		renamed[strings.ToLower(c.old)] = c.column.Name
	case slices.ContainsFunc(a.columns[:i], isAdded):
		c.replaces = true
	case c.optional:
		c.skipped = true
	default:
		return noColumn(c.old)
	}
	return nil
}

// insert puts a new or a moved column in its place. MariaDB lets a column follow one that is moved away afterwards.
func (c *columnChange) insert(d *definition) error {
	if c.skipped || c.old != "" && !c.moves() && !c.replaces {
		return nil
	}
	if i := d.column(c.column.Name); c.old != "" && i >= 0 {
		d.columns = slices.Delete(d.columns, i, i+1)
	}
	at := len(d.columns)
	switch {
	case c.first:
		at = 0
	case c.after != "":
		if at = d.column(c.after) + 1; at == 0 {
			return noColumn(c.after)
		}
	}
	d.columns = slices.Insert(d.columns, at, c.column)
	return nil
}

func (c attributeChange) apply(d *definition) error {
	i := d.column(c.column)
	if i < 0 {
		return noColumn(c.column)
	}
	if c.def != nil {
		d.columns[i].lifted.def = *c.def
	}
	if c.invisible != nil {
		d.columns[i].lifted.invisible = *c.invisible
	}
	d.columns[i].lifted.inPeriod = d.columns[i].lifted.inPeriod || c.inPeriod
	return nil
}

// settle writes into the definition what followed from the table's options, its database and its keys when the table
// was built of it, so that it holds when those change.
func (d *definition) settle(t *schema.Table) {
	for i := range d.columns {
		c := &d.columns[i]
		c.Column = t.Columns[i]
		if c.Type.HasCharset() {
			c.lifted.charset, c.lifted.collation, c.lifted.binary = c.Charset, c.Collation, false
		}
		c.key, c.foreign = noKey, nil
	}
	for i := range d.keys {
		for j := range d.keys[i].parts {
			d.settlePrefix(&d.keys[i].parts[j])
		}
	}
}

// settlePrefix drops a key part's prefix length where the whole column counts.
func (d *definition) settlePrefix(p *partDefinition) {
	i := d.column(p.column)
	if i < 0 || p.prefix == 0 {
		return
	}
	switch c := &d.columns[i]; c.Type {
	case schema.TypeChar, schema.TypeVarchar, schema.TypeBinary, schema.TypeVarbinary:
		if p.prefix >= c.Length {
			p.prefix = 0
		}
	case schema.TypeTinyText, schema.TypeText, schema.TypeMediumText, schema.TypeLongText, schema.TypeTinyBlob,
		schema.TypeBlob, schema.TypeMediumBlob, schema.TypeLongBlob, schema.TypeGeometry:
	default:
		p.prefix = 0
	}
}

// convert gives a text, ENUM or SET column another character set. A TEXT type grows when what it holds may need more
// bytes.
func (c *columnDefinition) convert(to encoding) {
	if !c.Type.HasCharset() || c.Charset == "binary" {
		return
	}
	if size := blobSize(c.Type); size > 0 && c.Charset != "" {
		c.Length = int(size / int64(schema.MaxBytes(c.Charset)))
		c.Type = schema.TypeText
	}
	c.Charset = to.charset
	c.lifted.charset, c.lifted.collation, c.lifted.binary = to.charset, to.collation, false
}

// rereadMembers makes the members of an ENUM or SET column what CONVERT TO leaves of them: servers keep their bytes, which the new character
// set may read as other text, or as none: such a member is known by its number. (Tried on MySQL 5.6, 5.7, 8.0.31, 9.7, MariaDB 10.11 and 11.8.)
func (c *columnDefinition) rereadMembers(inherited encoding, to string) {
	old := buildColumn(c, inherited)
	if old.Charset == to || old.Charset == "binary" || isUTF8(old.Charset) && isUTF8(to) {
		return
	}
	c.Members = slices.Clone(old.Members)
	for i, m := range c.Members {
		text, ok := schema.Reread(old.Charset, to, m)
		if !ok || strings.IndexByte(text, 0) >= 0 { // servers that keep members in .frm files end them at a zero
			text = "?" // no name for sure: see schema.Column.MemberName
		}
		c.Members[i] = text
	}
}

// isUTF8 reports whether a character set has the bytes of UTF-8.
func isUTF8(charset string) bool { return charset == "utf8mb3" || charset == "utf8mb4" }

// blobSize is the number of bytes that a TEXT type holds; 0 for other types.
func blobSize(t schema.Type) int64 {
	switch t {
	case schema.TypeTinyText:
		return 1<<8 - 1
	case schema.TypeText:
		return 1<<16 - 1
	case schema.TypeMediumText:
		return 1<<24 - 1
	case schema.TypeLongText:
		return 1<<32 - 1
	}
	return 0
}
