package dump

import (
	"fmt"
	"slices"
	"strings"

	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/lexer"
)

// SQL is a CREATE TABLE that this package, and a server, reads as the definition. It is written for the default sql_mode. ok is
// false for a table of which only the columns' types are known.
func (d *Definition) SQL() (sql string, ok bool) {
	if d.isSequence() {
		return d.sequenceSQL(), true
	}
	w := tableWriter{definition: d.definition()}
	if w.definition == nil || d.IsOpen() {
		return "", false
	}
	w.items()
	return "CREATE TABLE " + words.Quote(d.Table.Name) + " (\n  " + strings.Join(w.list, ",\n  ") + "\n)" + w.tableOptions(), true
}

// tableWriter writes the items of a CREATE TABLE.
type tableWriter struct {
	*definition
	list []string
}

func (w *tableWriter) addItem(format string, args ...any) {
	w.list = append(w.list, fmt.Sprintf(format, args...))
}

func (w *tableWriter) items() {
	var start, end string
	for i := range w.columns {
		c := &w.columns[i]
		w.list = append(w.list, c.sql())
		switch {
		case c.lifted.rowEnd:
			end = c.Name
		case c.lifted.systemTime:
			start = c.Name
		}
	}
	if start != "" && end != "" {
		w.addItem("PERIOD FOR SYSTEM_TIME (%s, %s)", words.Quote(start), words.Quote(end))
	}
	for i := range w.keys {
		w.key(&w.keys[i])
	}
	for i := range w.foreign {
		w.foreignKey(&w.foreign[i])
	}
}

// sql is a column with what rows need of it.
func (c *columnDefinition) sql() string {
	var b strings.Builder
	b.WriteString(words.Quote(c.Name) + " " + c.typeSQL())
	if c.Type.HasCharset() && c.lifted.charset != "" {
		b.WriteString(" CHARACTER SET " + c.lifted.charset)
		if c.lifted.collation != "" {
			b.WriteString(" COLLATE " + c.lifted.collation)
		}
	}
	if c.lifted.compressed {
		b.WriteString(" COMPRESSED")
	}
	switch l := &c.lifted; {
	case l.rowEnd:
		b.WriteString(" GENERATED ALWAYS AS ROW END")
	case l.systemTime:
		b.WriteString(" GENERATED ALWAYS AS ROW START")
	case l.generated == schema.Virtual:
		b.WriteString(" GENERATED ALWAYS AS (" + lexer.Text(l.expr) + ") VIRTUAL")
	case l.generated == schema.Stored:
		b.WriteString(" GENERATED ALWAYS AS (" + lexer.Text(l.expr) + ") STORED")
	}
	c.attributes(&b)
	return b.String()
}

// attributes writes what follows the type.
func (c *columnDefinition) attributes(b *strings.Builder) {
	switch {
	case c.lifted.systemTime:
	case !c.Nullable:
		b.WriteString(" NOT NULL")
	case c.lifted.generated == schema.NotGenerated:
		b.WriteString(" NULL") // which TIMESTAMP needs where it is no default
	}
	switch def := c.lifted.def; {
	case def.Kind == schema.DefaultNull && c.Nullable && c.lifted.generated == schema.NotGenerated:
		b.WriteString(" DEFAULT NULL")
	case def.Kind == schema.DefaultLiteral:
		b.WriteString(" DEFAULT " + quoteString(def.Text))
	case def.Kind == schema.DefaultExpression && isBareDefault(def.Text):
		b.WriteString(" DEFAULT " + def.Text)
	case def.Kind == schema.DefaultExpression:
		b.WriteString(" DEFAULT (" + def.Text + ")")
	}
	if c.lifted.onUpdate {
		fmt.Fprintf(b, " ON UPDATE CURRENT_TIMESTAMP%s", fraction(c.Decimals))
	}
	if c.AutoIncrement {
		b.WriteString(" AUTO_INCREMENT")
	}
	if c.lifted.invisible {
		b.WriteString(" INVISIBLE")
	}
}

// isBareDefault recognises an expression that stands without parentheses: those that no server takes in them.
func isBareDefault(sql string) bool {
	isFirst := func(word string) bool { return strings.HasPrefix(strings.ToUpper(sql), word) }
	return slices.ContainsFunc([]string{"CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "NEXT", "_", "X'", "B'", "0X"}, isFirst)
}

func fraction(digits int) string {
	if digits == 0 {
		return ""
	}
	return fmt.Sprintf("(%d)", digits)
}

// typeSQL is SQLType with back slashes as a string literal needs them, and the lengths of FLOAT and DOUBLE.
func (c *columnDefinition) typeSQL() string {
	column := c.Column
	switch {
	case column.Type == schema.TypeEnum, column.Type == schema.TypeSet:
		var members []string
		for _, m := range column.Members {
			members = append(members, quoteString(m))
		}
		return column.Type.String() + "(" + strings.Join(members, ",") + ")"
	case (column.Type == schema.TypeFloat || column.Type == schema.TypeDouble) && column.Length > 0:
		length := fmt.Sprintf("%s(%d,%d)", column.Type, column.Length, column.Decimals)
		return length + strings.TrimPrefix(column.SQLType(), column.Type.String())
	}
	return column.SQLType()
}

// quoteString is a string literal.
func quoteString(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", "''", "\n", `\n`, "\r", `\r`, "\x00", `\0`, "\x1a", `\Z`).Replace(s) + "'"
}

func (w *tableWriter) key(key *keyDefinition) {
	parts := make([]string, len(key.parts))
	for i, p := range key.parts {
		switch {
		case p.column == "":
			parts[i] = "(" + lexer.Text(p.expr) + ")"
		case p.prefix > 0:
			parts[i] = fmt.Sprintf("%s(%d)", words.Quote(p.column), p.prefix)
		default:
			parts[i] = words.Quote(p.column)
		}
	}
	if n := len(parts); key.overlaps && n > 2 {
		w.addItem("PERIOD FOR %s (%s, %s)", words.Quote(key.name+" period"), parts[n-1], parts[n-2])
		parts = append(parts[:n-2], words.Quote(key.name+" period")+" WITHOUT OVERLAPS")
	}
	list := "(" + strings.Join(parts, ", ") + ")"
	switch key.kind {
	case primaryKey:
		w.addItem("PRIMARY KEY %s", list)
	case uniqueKey:
		w.addItem("UNIQUE KEY %s %s", words.Quote(key.name), list)
	default:
		w.addItem("KEY %s %s", words.Quote(key.name), list)
	}
}

func (w *tableWriter) foreignKey(f *schema.ForeignKey) {
	var name string
	if f.Name != "" {
		name = "CONSTRAINT " + words.Quote(f.Name) + " "
	}
	to := words.Quote(f.ReferencedTable)
	if database, table, ok := strings.Cut(f.ReferencedTable, "."); ok {
		to = words.Quote(database) + "." + words.Quote(table)
	}
	sql := name + "FOREIGN KEY (" + quoteNames(f.Columns) + ") REFERENCES " + to + " (" + quoteNames(f.ReferencedColumns) + ")"
	if f.OnDelete != "" {
		sql += " ON DELETE " + f.OnDelete
	}
	if f.OnUpdate != "" {
		sql += " ON UPDATE " + f.OnUpdate
	}
	w.addItem("%s", sql)
}

func quoteNames(names []string) string {
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, words.Quote(name))
	}
	return strings.Join(quoted, ", ")
}

func (w *tableWriter) tableOptions() (sql string) {
	o := &w.options
	if o.engine != "" {
		sql += " ENGINE=" + o.engine
	}
	if o.charset != "" {
		sql += " DEFAULT CHARSET=" + o.charset
		if o.collation != "" {
			sql += " COLLATE=" + o.collation
		}
	}
	if o.rowFormat != "" {
		sql += " ROW_FORMAT=" + o.rowFormat
	}
	if o.versioned {
		sql += " WITH SYSTEM VERSIONING"
	}
	return sql
}
