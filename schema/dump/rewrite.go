package dump

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/lexer"
)

// The TiDB parser knows TiDB's dialect. It rejects much of what MySQL and MariaDB print: spatial types, INVISIBLE, uuid,
// system versioning, collations and table options it never heard of. So a CREATE TABLE is taken apart here, token by
// token: what the parser understands on every server goes to it (names, types, nullability, keys, references), what a
// row's meaning needs besides is carried beside the statement (reduced), and what neither needs (comments, index and
// table options, partitions, checks) is left out. A word that is known to neither stays in, so that the parser names it.

// reduced is a CREATE TABLE as the parser takes it, and what was taken out. The table's name is left out too.
type reduced struct {
	sql         string
	columns     []lifted        // by column, in order
	expressions [][]lexer.Token // functional key parts, in order of appearance
	overlaps    []bool          // by key, in order: WITHOUT OVERLAPS
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
	expr       []lexer.Token // of a generated column
	invisible  bool
	compressed bool
	systemTime bool
	rowEnd     bool           // GENERATED ALWAYS AS ROW END
	recoded    bool           // its strings were not in UTF-8 for the server that read them
	versioned  bool           // WITH SYSTEM VERSIONING, which makes a new table system-versioned
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
	periods map[string][]lexer.Token // application-time periods: name in lower case → start, end
	system  []string                 // columns of PERIOD FOR SYSTEM_TIME
}

// reduceTable takes apart the column list and the options of a CREATE TABLE; the cursor stands after the table's name,
// and is left after the options.
func reduceTable(c *lexer.Cursor, types typeWords) (*reduced, error) {
	body, err := c.Parens()
	if err != nil {
		return nil, err
	}
	r, err := reduceItems(lexer.Split(body), types)
	if err != nil {
		return nil, err
	}
	r.options, err = readTableOptions(c)
	r.options.versioned = r.options.versioned || slices.ContainsFunc(r.columns, func(c lifted) bool { return c.versioned })
	return r, err
}

// reduceItems takes apart columns, keys and constraints.
func reduceItems(items [][]lexer.Token, types typeWords) (*reduced, error) {
	r := reducer{types: types, periods: map[string][]lexer.Token{}}
	for _, item := range items {
		if err := r.period(&lexer.Cursor{Tokens: item}); err != nil {
			return nil, err
		}
	}
	var kept []string
	for _, item := range items {
		r.out.Reset()
		if err := r.item(&lexer.Cursor{Tokens: item}); err != nil {
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
func (r *reducer) period(c *lexer.Cursor) error {
	if !c.Accept("PERIOD", "FOR") {
		return nil
	}
	name, err := c.Name()
	if err != nil {
		return err
	}
	columns, err := c.Parens()
	if err != nil {
		return err
	}
	if len(columns) != 3 {
		return fmt.Errorf("PERIOD FOR %s: expected two columns, found %s", name, lexer.Excerpt(lexer.Text(columns)))
	}
	if strings.EqualFold(name, "SYSTEM_TIME") {
		start, _ := columns[0].Name()
		end, _ := columns[2].Name()
		r.system = append(r.system, start, end)
		return nil
	}
	r.periods[strings.ToLower(name)] = []lexer.Token{columns[0], columns[2]}
	return nil
}

// markPeriods tells columns what periods make of them.
func (r *reducer) markPeriods() {
	for i := range r.result.columns {
		c := &r.result.columns[i]
		isColumn := func(name string) bool { return strings.EqualFold(c.name, name) }
		c.systemTime = c.systemTime || slices.ContainsFunc(r.system, isColumn)
		for _, period := range r.periods {
			start, _ := period[0].Name()
			end, _ := period[1].Name()
			c.inPeriod = c.inPeriod || isColumn(start) || isColumn(end)
		}
	}
}

// item writes one element of the column list: a column, a key or a constraint. A check or a period leaves nothing.
func (r *reducer) item(c *lexer.Cursor) error {
	if c.Done() {
		return errors.New("an empty element in the column list")
	}
	switch {
	case c.Sees("PERIOD", "FOR"):
		return nil
	case c.Accept("CONSTRAINT"):
		return r.constraint(c)
	case startsKey(c):
		return r.key(c, "")
	}
	return r.column(c)
}

// startsKey reports whether a key or another constraint comes next. Its words are reserved, but for VECTOR.
func startsKey(c *lexer.Cursor) bool {
	switch t := c.Peek(); {
	case t.Is("PRIMARY"), t.Is("UNIQUE"), t.Is("KEY"), t.Is("INDEX"), t.Is("FULLTEXT"), t.Is("SPATIAL"),
		t.Is("FOREIGN"), t.Is("CHECK"):
		return true
	case t.Is("VECTOR"):
		return c.Sees("VECTOR", "KEY") || c.Sees("VECTOR", "INDEX")
	}
	return false
}

// constraint reads [name] and the key or check after CONSTRAINT.
func (r *reducer) constraint(c *lexer.Cursor) error {
	c.Accept("IF", "NOT", "EXISTS")
	name := ""
	if !startsKey(c) {
		var err error
		if name, err = c.Name(); err != nil {
			return err
		}
	}
	return r.key(c, name)
}

// key writes a key or a foreign key. Secondary keys stay in: unnamed keys get their names by what else is named.
func (r *reducer) key(c *lexer.Cursor, constraint string) error {
	kind := "KEY"
	switch {
	case c.Accept("CHECK"):
		return nil
	case c.Sees("FOREIGN"):
		if constraint != "" {
			r.out.WriteString("CONSTRAINT " + words.Quote(constraint) + " ")
		}
		r.out.WriteString(lexer.Text(c.Tokens[c.At:]))
		return nil
	case c.Accept("PRIMARY"):
		kind = "PRIMARY KEY"
	case c.Accept("UNIQUE"):
		kind = "UNIQUE KEY"
	default:
		c.AcceptAny("FULLTEXT", "SPATIAL", "VECTOR")
	}
	c.AcceptAny("KEY", "INDEX")
	c.Accept("IF", "NOT", "EXISTS")
	name := constraint
	if !c.Peek().IsSymbol('(') && !seesIndexType(c) {
		given, err := c.Name()
		if err != nil {
			return err
		}
		name = given
	}
	if seesIndexType(c) {
		c.At += 2
	}
	if kind == "PRIMARY KEY" {
		name = ""
	}
	return r.keyParts(c, kind, name)
}

// seesIndexType looks for USING BTREE and the older TYPE BTREE before the key parts.
func seesIndexType(c *lexer.Cursor) bool {
	second := c.Ahead(1)
	return (c.Sees("USING") || c.Sees("TYPE")) && second.Kind == lexer.Word &&
		(second.Is("BTREE") || second.Is("HASH") || second.Is("RTREE"))
}

func (r *reducer) keyParts(c *lexer.Cursor, kind, name string) error {
	list, err := c.Parens()
	if err != nil {
		return err
	}
	r.out.WriteString(kind)
	if name != "" {
		r.out.WriteString(" " + words.Quote(name))
	}
	r.out.WriteString(" (")
	overlaps := false
	for i, part := range lexer.Split(list) {
		if i > 0 {
			r.out.WriteString(",")
		}
		p := &lexer.Cursor{Tokens: part}
		if err := r.keyPart(p); err != nil {
			return err
		}
		overlaps = overlaps || p.Sees("WITHOUT", "OVERLAPS")
	}
	r.out.WriteString(")")
	r.result.overlaps = append(r.result.overlaps, overlaps)
	return nil
}

// keyPart writes a column with its prefix length; for an expression, a place holder.
func (r *reducer) keyPart(c *lexer.Cursor) error {
	if c.Peek().IsSymbol('(') {
		expr, err := c.Parens()
		if err != nil {
			return err
		}
		r.result.expressions = append(r.result.expressions, expr)
		r.out.WriteString("((1))")
		return nil
	}
	name, err := c.Name()
	if err != nil {
		return err
	}
	if period, ok := r.periods[strings.ToLower(name)]; ok && c.Sees("WITHOUT", "OVERLAPS") {
		start, _ := period[0].Name()
		end, _ := period[1].Name()
		r.out.WriteString(words.Quote(end) + "," + words.Quote(start))
		return nil
	}
	r.out.WriteString(words.Quote(name))
	if c.Peek().IsSymbol('(') {
		prefix, err := c.Parens()
		if err != nil {
			return err
		}
		r.out.WriteString("(" + lexer.Text(prefix) + ")")
	}
	return nil
}

// errSelect: the columns of CREATE TABLE … SELECT are not in the statement.
var errSelect = errors.New("CREATE TABLE … SELECT does not name all columns")

// readTableOptions reads what follows the column list, up to the end or to what a client printed after the statement.
func readTableOptions(c *lexer.Cursor) (tableOptions, error) {
	var o tableOptions
	for !c.Done() && !endsPaste(c) {
		switch {
		case c.Accept("ENGINE"), c.Accept("TYPE"):
			o.engine = optionValue(c)
		case c.Accept("ROW_FORMAT"):
			o.rowFormat = strings.ToUpper(optionValue(c))
		case c.Accept("CHARACTER", "SET"), c.Accept("CHARSET"):
			o.charset = optionValue(c)
		case c.Accept("COLLATE"):
			o.collation = optionValue(c)
		case c.Accept("WITH", "SYSTEM", "VERSIONING"):
			o.versioned = true
		case c.Accept("SELECT"), c.Accept("AS"), c.Accept("VALUES"):
			return o, errSelect
		case c.Peek().IsSymbol('('):
			if err := c.SkipParens(); err != nil {
				return o, err
			}
		default:
			c.Next()
		}
	}
	return o, nil
}

// endsPaste reports whether the options of a pasted CREATE TABLE, which has no delimiter, are over: with the frame of the
// client's output ("|", "1 row in set"), its prompt ("mysql>"), or the next CREATE TABLE.
func endsPaste(c *lexer.Cursor) bool {
	t := c.Peek()
	return t.IsSymbol('|') || t.IsSymbol('>') || t.IsSymbol('*') || t.Kind == lexer.Number && c.Ahead(2).Is("IN") ||
		c.Sees("SHOW", "CREATE") || startsCreateTable(c)
}

// optionValue reads [=] and a word or a string.
func optionValue(c *lexer.Cursor) string {
	c.AcceptSymbol('=')
	t := c.Next()
	if t.Kind == lexer.String {
		return lexer.Value(t.Text)
	}
	name, _ := t.Name()
	return name
}

// startsCreateTable reports whether a CREATE TABLE with a table's name comes next. "Create Table", as SHOW CREATE TABLE
// heads its text, is none: a colon or another CREATE follows it.
func startsCreateTable(c *lexer.Cursor) bool {
	if !c.Sees("CREATE") {
		return false
	}
	ahead := lexer.Cursor{Tokens: c.Tokens, At: c.At + 1}
	ahead.Accept("OR", "REPLACE")
	ahead.Accept("TEMPORARY")
	if !ahead.Accept("TABLE") {
		return false
	}
	name := ahead.Next()
	_, ok := name.Name()
	return (ok || name.IsDoubleQuoted()) && !ahead.Sees("CREATE")
}
