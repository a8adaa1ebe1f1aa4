package dump

import (
	"fmt"
	"strings"

	"binmend/schema"
)

// describe writes a table as the golden files have it: what differs from a nullable column without extras is told.
func describe(t *schema.Table) string {
	var b strings.Builder
	fmt.Fprintf(&b, "table %q.%q engine=%s", t.Database, t.Name, t.Engine)
	if t.SystemVersioned {
		b.WriteString(" versioned")
	}
	fmt.Fprintf(&b, " (%s)\n", t.Source)
	for i := range t.Columns {
		b.WriteString("  " + describeColumn(&t.Columns[i]) + "\n")
	}
	for _, k := range t.Keys {
		b.WriteString("  " + describeKey(t, k) + "\n")
	}
	for _, f := range t.ForeignKeys {
		fmt.Fprintf(&b, "  foreign %q %q -> %s %q delete=%q update=%q\n",
			f.Name, f.Columns, f.ReferencedTable, f.ReferencedColumns, f.OnDelete, f.OnUpdate)
	}
	for _, trigger := range t.Triggers {
		fmt.Fprintf(&b, "  trigger %s\n", trigger)
	}
	return b.String()
}

func describeColumn(c *schema.Column) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %s", c.Name, c.Type)
	if c.Length > 0 || c.Decimals > 0 {
		fmt.Fprintf(&b, "(%d,%d)", c.Length, c.Decimals)
	}
	if c.Members != nil {
		fmt.Fprintf(&b, "%q", c.Members)
	}
	for _, flag := range []struct {
		set  bool
		name string
	}{
		{c.Unsigned, "unsigned"}, {c.Zerofill, "zerofill"}, {!c.Nullable, "notnull"}, {c.AutoIncrement, "auto"},
		{c.Invisible, "invisible"}, {c.Compressed, "compressed"}, {c.SystemTime, "systime"},
		{c.Generated == schema.Virtual, "virtual"}, {c.Generated == schema.Stored, "stored"},
	} {
		if flag.set {
			b.WriteString(" " + flag.name)
		}
	}
	for _, value := range []struct{ name, text string }{
		{"charset", c.Charset}, {"collation", c.Collation}, {"of", c.GeometryOf}, {"as", c.Expr},
	} {
		if value.text != "" {
			fmt.Fprintf(&b, " %s=%s", value.name, value.text)
		}
	}
	switch c.Default.Kind {
	case schema.DefaultNull:
		b.WriteString(" default=NULL")
	case schema.DefaultLiteral:
		fmt.Fprintf(&b, " default=%q", c.Default.Text)
	case schema.DefaultExpression:
		fmt.Fprintf(&b, " default=(%s)", c.Default.Text)
	}
	return b.String()
}

func describeKey(t *schema.Table, k schema.Key) string {
	var parts []string
	for _, p := range k.Parts {
		switch {
		case p.Column < 0:
			var read []string
			for _, i := range p.Columns {
				read = append(read, t.Columns[i].Name)
			}
			parts = append(parts, fmt.Sprintf("[%s] reads %q multi=%v", p.Expr, read, p.MultiValued))
		case p.Prefix > 0:
			parts = append(parts, fmt.Sprintf("%s(%d)", t.Columns[p.Column].Name, p.Prefix))
		default:
			parts = append(parts, t.Columns[p.Column].Name)
		}
	}
	note := ""
	if k.WithoutOverlaps {
		note = " without overlaps"
	}
	return fmt.Sprintf("key %q (%s)%s", k.Name, strings.Join(parts, ", "), note)
}
