package advice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binmend/decoder/statement"
	"binmend/schema"
	"binmend/schema/lexer"
)

// key is a unique key that a statement adds.
type key struct {
	name  string
	parts []part
}

// part is a part of a key as SQL: a column, the beginning of one, or an expression.
type part struct {
	column string // "" for an expression
	prefix string
	tokens []lexer.Token // of an expression
}

// addedKey reads a key after ADD. ok is false for what is not a key.
func addedKey(c *lexer.Cursor) (k key, ok bool) {
	if c.Accept("CONSTRAINT") && !c.Sees("UNIQUE") && !c.Sees("PRIMARY") && !c.Sees("FOREIGN") && !c.Sees("CHECK") {
		k.name, _ = identifier(c)
	}
	switch {
	case c.Accept("PRIMARY", "KEY"):
		k.name = "PRIMARY"
	case c.AcceptAny("UNIQUE", "FULLTEXT", "SPATIAL"):
		c.SkipAny("INDEX", "KEY")
	case c.Accept("VECTOR", "INDEX"), c.Accept("VECTOR", "KEY"), c.AcceptAny("INDEX", "KEY"):
	default:
		return k, false
	}
	c.Accept("IF", "NOT", "EXISTS")
	if !c.Peek().IsSymbol('(') && !c.Sees("USING") {
		if name, ok := identifier(c); ok && k.name != "PRIMARY" {
			k.name = name
		}
	}
	if c.Accept("USING") {
		c.Next()
	}
	k.parts = keyParts(c)
	if k.name == "" && len(k.parts) > 0 {
		k.name = k.parts[0].column // the server names it so
	}
	return k, true
}

// keyParts reads the parts in the parentheses of a key; nil if there are none.
func keyParts(c *lexer.Cursor) (parts []part) {
	list, err := c.Parens()
	if err != nil {
		return nil
	}
	for _, tokens := range lexer.Split(list) {
		p := &lexer.Cursor{Tokens: tokens}
		if p.Peek().IsSymbol('(') {
			end := len(tokens)
			if last := tokens[end-1]; last.Is("ASC") || last.Is("DESC") {
				end--
			}
			parts = append(parts, part{tokens: tokens[:end]})
			continue
		}
		column, ok := identifier(p)
		if !ok {
			return nil
		}
		of := part{column: column}
		if p.AcceptSymbol('(') {
			of.prefix = p.Peek().Text
		}
		parts = append(parts, of)
	}
	return parts
}

// duplicate is for a statement that met a duplicate value. It returns nil if a row event did, or may have: a plan repairs that.
func (in *Input) duplicate() *Advice {
	if in.Message.Query == "" && (len(in.Writes) > 0 || in.Statements == 0) {
		return nil
	}
	a := &Advice{
		Meaning: "A statement, not a row event, was to write a unique value that another row of the replica has.",
		Safe: "A row is in the way of the statement. If the source does not have it, remove it, with binary logging off, and start again; " +
			"the next row of the statement may meet another one. Skipping would lose the whole transaction. IDEMPOTENT mode does not act on statements.",
	}
	if in.Statement == nil {
		return a
	}
	x := in.read()
	value, keyName := duplicateEntry(in.said())
	if x.Kind == statement.DDL {
		return in.duplicatesOfKey(x, value, keyName)
	}
	t, ok := x.target(in.Statement.Database)
	if name, rest, hasTable := strings.Cut(keyName, "."); hasTable && (!ok || same(name, t.Table)) {
		t.Table, keyName = name, rest
		if !ok {
			t.Database = in.Statement.Database
		}
		ok = true
	}
	if !ok || keyName == "" {
		return a
	}
	a.Meaning = fmt.Sprintf("The %s of the transaction was to write the value '%s' of key %s of %s, which another row of the replica has.", x.verb(), value, keyName, t)
	def := in.Table(t.Database, t.Table)
	k := keyOf(def, keyName)
	if k == nil {
		a.Steps = []Step{{On: Replica, Text: "The columns of the key; the row that has the value in them is in the way:",
			SQL: []string{"SHOW KEYS FROM " + in.table(t) + " WHERE Key_name = " + in.text(keyName)}}}
		return a
	}
	condition, isExact := in.keyCondition(def, k, value)
	a.Steps = []Step{{On: Both, Text: "The row in the way; what does the source have?", SQL: []string{"SELECT * FROM " + in.table(t) + " WHERE " + condition}}}
	if isExact {
		a.Steps = append(a.Steps, Step{On: Replica, Changes: true, Text: "If the source does not have it:", SQL: []string{"DELETE FROM " + in.table(t) + " WHERE " + condition}})
	}
	return a
}

// verb is the statement's own verb.
func (x *text) verb() string {
	if body := x.body(); len(body) > 0 {
		return strings.ToUpper(body[0].Text)
	}
	return "statement"
}

// target is the table that a statement writes to; ok is false if there may be several.
func (x *text) target(database string) (n Name, ok bool) {
	c := x.cursor()
	switch {
	case c.AcceptAny("INSERT", "REPLACE"):
		c.SkipAny("LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO")
		return tableName(c, database)
	case c.Accept("UPDATE"):
		c.SkipAny("LOW_PRIORITY", "IGNORE")
		n, ok = tableName(c, database)
		return n, ok && (c.Sees("SET") || c.Sees("PARTITION"))
	case c.Accept("LOAD"):
		for !c.Done() && !c.Accept("INTO", "TABLE") {
			c.Next()
		}
		return tableName(c, database)
	}
	return n, false
}

var duplicated = regexp.MustCompile(`(?s)^Duplicate entry '(.*)' for key '(.*)'$`)

// duplicateEntry reads the value and the key of "Duplicate entry 'VALUE' for key 'KEY'". In other languages too, they are the
// first and the last quoted text.
func duplicateEntry(said string) (value, key string) {
	if m := duplicated.FindStringSubmatch(said); m != nil {
		return m[1], m[2]
	}
	if parts := strings.Split(said, "'"); len(parts) >= 5 {
		return strings.Join(parts[1:len(parts)-3], "'"), parts[len(parts)-2]
	}
	return "", ""
}

func keyOf(t *schema.Table, name string) *schema.Key {
	if t == nil {
		return nil
	}
	for i := range t.Keys {
		if same(t.Keys[i].Name, name) {
			return &t.Keys[i]
		}
	}
	return nil
}

// longestPrinted is how much of a value every server prints.
const longestPrinted = 60

var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// keyCondition is the condition on the row with a key value, taken from a message. Rows may be removed by it only if it is exact:
// servers join the values of several columns with hyphens, cut long ones, and print some types in special ways.
func (in *Input) keyCondition(t *schema.Table, k *schema.Key, value string) (sql string, isExact bool) {
	var parts []string
	for _, p := range k.Parts {
		switch {
		case p.Column < 0:
			parts = append(parts, "("+p.Expr+")")
		case p.Prefix > 0:
			parts = append(parts, fmt.Sprintf("LEFT(%s, %d)", in.ident(t.Columns[p.Column].Name), p.Prefix))
		default:
			parts = append(parts, in.ident(t.Columns[p.Column].Name))
		}
	}
	if len(k.Parts) == 1 && k.Parts[0].Column >= 0 && k.Parts[0].Prefix == 0 && len(value) < longestPrinted {
		c := &t.Columns[k.Parts[0].Column]
		switch c.Type {
		case schema.TypeTinyInt, schema.TypeSmallInt, schema.TypeMediumInt, schema.TypeInt, schema.TypeBigInt, schema.TypeDecimal:
			if number.MatchString(value) {
				return parts[0] + " = " + value, true
			}
		case schema.TypeDate, schema.TypeDatetime, schema.TypeChar, schema.TypeVarchar:
			return parts[0] + " = " + in.text(value), c.Charset != "binary"
		}
	}
	joined := "CONCAT_WS('-', " + strings.Join(parts, ", ") + ")"
	if len(value) >= longestPrinted {
		return fmt.Sprintf("LEFT(%s, %d) = %s", joined, longestPrinted, in.text(value[:longestPrinted])), false
	}
	return joined + " = " + in.text(value), false
}

// duplicatesOfKey is for DDL that adds a unique key while rows have duplicate values in it.
func (in *Input) duplicatesOfKey(x *text, value, keyName string) *Advice {
	t, added := in.addedKeys(x)
	if name, rest, ok := strings.Cut(keyName, "."); ok && same(name, t.Table) {
		keyName = rest
	}
	a := &Advice{
		Meaning: fmt.Sprintf("The %s makes rows of the replica equal in the unique key %s, which it adds or changes; on the source they were not.", x.Statement, keyName),
		Safe: "Find the rows that are equal, and compare them with the source's. Remove or change what the source does not have, with binary " +
			"logging off, and start again. Skipping would lose the key.",
	}
	parts := in.partsOf(t, added, keyName)
	if len(parts) == 0 || t.Table == "" {
		return a
	}
	list := strings.Join(parts, ", ")
	a.Steps = []Step{
		{On: Replica, Text: "The values that several rows have:", SQL: []string{fmt.Sprintf("SELECT %s, COUNT(*) FROM %s WHERE %s IS NOT NULL GROUP BY %s HAVING COUNT(*) > 1",
			list, in.table(t), strings.Join(parts, " IS NOT NULL AND "), list)}},
		{On: Both, Text: "The rows that the message is about; what does the source have?",
			SQL: []string{fmt.Sprintf("SELECT * FROM %s WHERE CONCAT_WS('-', %s) = %s", in.table(t), list, in.text(value))}},
	}
	return a
}

// addedKeys are the keys that an ALTER TABLE or a CREATE INDEX adds, and their table.
func (in *Input) addedKeys(x *text) (t Name, keys []key) {
	objects := slices.Collect(x.Objects(x.sql, in.Statement.Context))
	if len(objects) == 0 {
		return t, nil
	}
	t = Name{objects[0].Database, objects[0].Name}
	if t.Database == "" {
		t.Database = in.Statement.Database
	}
	if x.Object == statement.IndexObject {
		return t, []key{createdKey(x.cursor())}
	}
	for _, clause := range lexer.Split(x.body()) {
		c := &lexer.Cursor{Tokens: clause}
		for !c.Done() && !c.Accept("ADD") { // the first clause begins with ALTER TABLE and the name
			c.Next()
		}
		if k, ok := addedKey(c); ok {
			keys = append(keys, k)
		}
	}
	return t, keys
}

// createdKey reads the key of a CREATE INDEX.
func createdKey(c *lexer.Cursor) (k key) {
	for !c.Done() && !c.Sees("UNIQUE") && !c.Sees("INDEX") {
		c.Next()
	}
	c.SkipAny("UNIQUE", "INDEX")
	c.Accept("IF", "NOT", "EXISTS")
	k.name, _ = identifier(c)
	for !c.Done() && !c.Accept("ON") {
		c.Next()
	}
	tableName(c, "")
	k.parts = keyParts(c)
	return k
}

// partsOf are the parts in SQL of a key that the statement adds or the table has.
func (in *Input) partsOf(t Name, added []key, name string) (parts []string) {
	for _, k := range added {
		if !same(k.name, name) {
			continue
		}
		for _, p := range k.parts {
			switch {
			case p.column == "":
				sql, ok := in.print(p.tokens)
				if !ok {
					return nil
				}
				parts = append(parts, sql)
			case p.prefix != "":
				parts = append(parts, fmt.Sprintf("LEFT(%s, %s)", in.ident(p.column), p.prefix))
			default:
				parts = append(parts, in.ident(p.column))
			}
		}
		return parts
	}
	def := in.Table(t.Database, t.Table)
	if k := keyOf(def, name); k != nil {
		for _, p := range k.Parts {
			if p.Column < 0 {
				return nil
			}
			parts = append(parts, in.ident(def.Columns[p.Column].Name))
		}
	}
	return parts
}
