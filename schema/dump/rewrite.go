package dump

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"binmend/decoder/words"
	"binmend/schema"
)

// The TiDB parser knows TiDB's dialect. It rejects much of what MySQL and MariaDB print: spatial types, INVISIBLE, uuid,
// system versioning, collations and table options it never heard of. So a CREATE TABLE is taken apart here, token by
// token: what the parser understands on every server goes to it (names, types, nullability, keys, references), what a
// row's meaning needs besides is carried beside the statement (reduced), and what neither needs (comments, index and
// table options, partitions, checks) is left out. A word that is known to neither stays in, so that the parser names it.

// reduced is a CREATE TABLE as the parser takes it, and what was taken out. The table's name is left out too.
type reduced struct {
	sql         string
	columns     []lifted  // by column, in order
	expressions [][]token // functional key parts, in order of appearance
	overlaps    []bool    // by key, in order: WITHOUT OVERLAPS
	options     tableOptions
}

// lifted is what was taken out of a column's definition.
type lifted struct {
	name       string
	typ        schema.Type // TypeUnknown: the parser's answer counts
	geometry   string
	charset    string
	collation  string
	binary     bool // the BINARY attribute: the character set's _bin collation
	generated  schema.Generation
	expr       []token // of a generated column
	invisible  bool
	compressed bool
	systemTime bool
	rowEnd     bool           // GENERATED ALWAYS AS ROW END
	inPeriod   bool           // of an application-time period, which makes it NOT NULL
	def        schema.Default // DefaultUnknown when there is no DEFAULT clause
	onUpdate   bool
}

// tableOptions are the options after the column list that matter.
type tableOptions struct {
	engine    string
	rowFormat string
	charset   string
	collation string
	versioned bool
}

// reducer takes one CREATE TABLE apart.
type reducer struct {
	out     strings.Builder // the item at hand
	result  reduced
	types   typeWords
	periods map[string][]token // application-time periods: name in lower case → start, end
	system  []string           // columns of PERIOD FOR SYSTEM_TIME
}

// reduceTable takes apart the column list and the options of a CREATE TABLE; the cursor stands after the table's name,
// and is left after the options.
func reduceTable(c *cursor, types typeWords) (*reduced, error) {
	body, err := c.parens()
	if err != nil {
		return nil, err
	}
	r, err := reduceItems(splitList(body), types)
	if err != nil {
		return nil, err
	}
	r.options, err = readTableOptions(c)
	return r, err
}

// reduceItems takes apart columns, keys and constraints.
func reduceItems(items [][]token, types typeWords) (*reduced, error) {
	r := reducer{types: types, periods: map[string][]token{}}
	for _, item := range items {
		if err := r.period(&cursor{tokens: item}); err != nil {
			return nil, err
		}
	}
	var kept []string
	for _, item := range items {
		r.out.Reset()
		if err := r.item(&cursor{tokens: item}); err != nil {
			return nil, err
		}
		if r.out.Len() > 0 {
			kept = append(kept, r.out.String())
		}
	}
	r.result.sql = "CREATE TABLE t (\n" + strings.Join(kept, ",\n") + "\n)"
	r.markPeriods()
	return &r.result, nil
}

// period notes a PERIOD FOR name (start, end), which may stand before or after the keys that use it.
func (r *reducer) period(c *cursor) error {
	if !c.accept("PERIOD", "FOR") {
		return nil
	}
	name, err := c.name()
	if err != nil {
		return err
	}
	columns, err := c.parens()
	if err != nil {
		return err
	}
	if len(columns) != 3 {
		return fmt.Errorf("PERIOD FOR %s: expected two columns, found %s", name, excerpt(text(columns)))
	}
	if strings.EqualFold(name, "SYSTEM_TIME") {
		start, _ := columns[0].name()
		end, _ := columns[2].name()
		r.system = append(r.system, start, end)
		return nil
	}
	r.periods[strings.ToLower(name)] = []token{columns[0], columns[2]}
	return nil
}

// markPeriods tells columns what periods make of them.
func (r *reducer) markPeriods() {
	for i := range r.result.columns {
		c := &r.result.columns[i]
		isColumn := func(name string) bool { return strings.EqualFold(c.name, name) }
		c.systemTime = c.systemTime || slices.ContainsFunc(r.system, isColumn)
		for _, period := range r.periods {
			start, _ := period[0].name()
			end, _ := period[1].name()
			c.inPeriod = c.inPeriod || isColumn(start) || isColumn(end)
		}
	}
}

// item writes one element of the column list: a column, a key or a constraint. A check or a period leaves nothing.
func (r *reducer) item(c *cursor) error {
	if c.done() {
		return errors.New("an empty element in the column list")
	}
	switch {
	case c.sees("PERIOD", "FOR"):
		return nil
	case c.accept("CONSTRAINT"):
		return r.constraint(c)
	case startsKey(c):
		return r.key(c, "")
	}
	return r.column(c)
}

// startsKey reports whether a key or another constraint comes next. Its words are reserved, but for VECTOR.
func startsKey(c *cursor) bool {
	switch t := c.peek(); {
	case t.is("PRIMARY"), t.is("UNIQUE"), t.is("KEY"), t.is("INDEX"), t.is("FULLTEXT"), t.is("SPATIAL"),
		t.is("FOREIGN"), t.is("CHECK"):
		return true
	case t.is("VECTOR"):
		return c.sees("VECTOR", "KEY") || c.sees("VECTOR", "INDEX")
	}
	return false
}

// constraint reads [name] and the key or check after CONSTRAINT.
func (r *reducer) constraint(c *cursor) error {
	c.accept("IF", "NOT", "EXISTS")
	name := ""
	if !startsKey(c) {
		var err error
		if name, err = c.name(); err != nil {
			return err
		}
	}
	return r.key(c, name)
}

// key writes a key or a foreign key. Secondary keys stay in: unnamed keys get their names by what else is named.
func (r *reducer) key(c *cursor, constraint string) error {
	kind := "KEY"
	switch {
	case c.accept("CHECK"):
		return nil
	case c.sees("FOREIGN"):
		if constraint != "" {
			r.out.WriteString("CONSTRAINT " + words.Quote(constraint) + " ")
		}
		r.out.WriteString(text(c.tokens[c.at:]))
		return nil
	case c.accept("PRIMARY"):
		kind = "PRIMARY KEY"
	case c.accept("UNIQUE"):
		kind = "UNIQUE KEY"
	default:
		c.acceptAny("FULLTEXT", "SPATIAL", "VECTOR")
	}
	c.acceptAny("KEY", "INDEX")
	c.accept("IF", "NOT", "EXISTS")
	name := constraint
	if !c.peek().isSymbol('(') && !seesIndexType(c) {
		given, err := c.name()
		if err != nil {
			return err
		}
		name = given
	}
	if seesIndexType(c) {
		c.at += 2
	}
	if kind == "PRIMARY KEY" {
		name = ""
	}
	return r.keyParts(c, kind, name)
}

// seesIndexType looks for USING BTREE and the older TYPE BTREE before the key parts.
func seesIndexType(c *cursor) bool {
	second := c.ahead(1)
	return (c.sees("USING") || c.sees("TYPE")) && second.kind == tokenWord &&
		(second.is("BTREE") || second.is("HASH") || second.is("RTREE"))
}

func (r *reducer) keyParts(c *cursor, kind, name string) error {
	list, err := c.parens()
	if err != nil {
		return err
	}
	r.out.WriteString(kind)
	if name != "" {
		r.out.WriteString(" " + words.Quote(name))
	}
	r.out.WriteString(" (")
	overlaps := false
	for i, part := range splitList(list) {
		if i > 0 {
			r.out.WriteString(",")
		}
		p := &cursor{tokens: part}
		if err := r.keyPart(p); err != nil {
			return err
		}
		overlaps = overlaps || p.sees("WITHOUT", "OVERLAPS")
	}
	r.out.WriteString(")")
	r.result.overlaps = append(r.result.overlaps, overlaps)
	return nil
}

// keyPart writes a column with its prefix length; for an expression, a place holder.
func (r *reducer) keyPart(c *cursor) error {
	if c.peek().isSymbol('(') {
		expr, err := c.parens()
		if err != nil {
			return err
		}
		r.result.expressions = append(r.result.expressions, expr)
		r.out.WriteString("((1))")
		return nil
	}
	name, err := c.name()
	if err != nil {
		return err
	}
	if period, ok := r.periods[strings.ToLower(name)]; ok && c.sees("WITHOUT", "OVERLAPS") {
		start, _ := period[0].name()
		end, _ := period[1].name()
		r.out.WriteString(words.Quote(end) + "," + words.Quote(start))
		return nil
	}
	r.out.WriteString(words.Quote(name))
	if c.peek().isSymbol('(') {
		prefix, err := c.parens()
		if err != nil {
			return err
		}
		r.out.WriteString("(" + text(prefix) + ")")
	}
	return nil
}

// errSelect: the columns of CREATE TABLE … SELECT are not in the statement.
var errSelect = errors.New("CREATE TABLE … SELECT does not name all columns")

// readTableOptions reads what follows the column list, up to the end or to what a client printed after the statement.
func readTableOptions(c *cursor) (tableOptions, error) {
	var o tableOptions
	for !c.done() && !endsPaste(c) {
		switch {
		case c.accept("ENGINE"), c.accept("TYPE"):
			o.engine = c.optionValue()
		case c.accept("ROW_FORMAT"):
			o.rowFormat = strings.ToUpper(c.optionValue())
		case c.accept("CHARACTER", "SET"), c.accept("CHARSET"):
			o.charset = c.optionValue()
		case c.accept("COLLATE"):
			o.collation = c.optionValue()
		case c.accept("WITH", "SYSTEM", "VERSIONING"):
			o.versioned = true
		case c.accept("SELECT"), c.accept("AS"), c.accept("VALUES"):
			return o, errSelect
		case c.peek().isSymbol('('):
			if err := c.skipParens(); err != nil {
				return o, err
			}
		default:
			c.next()
		}
	}
	return o, nil
}

// endsPaste reports whether the options of a pasted CREATE TABLE, which has no delimiter, are over: with the frame of the
// client's output ("|", "1 row in set"), its prompt ("mysql>"), or the next CREATE TABLE.
func endsPaste(c *cursor) bool {
	t := c.peek()
	return t.isSymbol('|') || t.isSymbol('>') || t.isSymbol('*') || t.kind == tokenNumber && c.ahead(2).is("IN") ||
		c.sees("SHOW", "CREATE") || startsCreateTable(c)
}

// optionValue reads [=] and a word or a string.
func (c *cursor) optionValue() string {
	c.acceptSymbol('=')
	t := c.next()
	if t.kind == tokenString {
		return stringValue(t.text)
	}
	name, _ := t.name()
	return name
}

// startsCreateTable reports whether a CREATE TABLE with a table's name comes next. "Create Table", as SHOW CREATE TABLE
// heads its text, is none: a colon or another CREATE follows it.
func startsCreateTable(c *cursor) bool {
	if !c.sees("CREATE") {
		return false
	}
	ahead := cursor{tokens: c.tokens, at: c.at + 1}
	ahead.accept("OR", "REPLACE")
	ahead.accept("TEMPORARY")
	if !ahead.accept("TABLE") {
		return false
	}
	name := ahead.next()
	_, ok := name.name()
	return (ok || name.isDoubleQuoted()) && !ahead.sees("CREATE")
}
