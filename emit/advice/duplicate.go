package advice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binmend/decoder/statement"
	"binmend/schema"
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
	tokens []statement.Token // of an expression
}

// addedKey reads a key after ADD. ok is false for what is not a key.
func (c *cursor) addedKey() (k key, ok bool) {
	if c.accept("CONSTRAINT") && !c.sees("UNIQUE") && !c.sees("PRIMARY") && !c.sees("FOREIGN") && !c.sees("CHECK") {
		k.name, _ = c.identifier()
	}
	switch {
	case c.accept("PRIMARY", "KEY"):
		k.name = "PRIMARY"
	case c.accept("UNIQUE"), c.accept("FULLTEXT"), c.accept("SPATIAL"):
		c.acceptAny("INDEX", "KEY")
	case c.sees("VECTOR", "INDEX"), c.sees("VECTOR", "KEY"):
		c.at += 2
	case c.accept("INDEX"), c.accept("KEY"):
	default:
		return k, false
	}
	c.accept("IF", "NOT", "EXISTS")
	if !c.seesOperator("(") && !c.sees("USING") {
		if name, ok := c.identifier(); ok && k.name != "PRIMARY" {
			k.name = name
		}
	}
	if c.accept("USING") {
		c.at++
	}
	k.parts = c.keyParts()
	if k.name == "" && len(k.parts) > 0 {
		k.name = k.parts[0].column // the server names it so
	}
	return k, true
}

// keyParts reads the parts in the parentheses of a key.
func (c *cursor) keyParts() (parts []part) {
	if !c.acceptOperator("(") {
		return nil
	}
	for _, p := range c.list() {
		if p.seesOperator("(") {
			end := len(p.rest())
			if last := p.rest()[end-1]; p.Is(last, "ASC") || p.Is(last, "DESC") {
				end--
			}
			parts = append(parts, part{tokens: p.rest()[:end]})
			continue
		}
		column, ok := p.identifier()
		if !ok {
			return nil
		}
		of := part{column: column}
		if p.acceptOperator("(") && p.at < p.end {
			of.prefix = string(p.Text(p.token()))
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
	if x.begin < len(x.tokens) {
		return strings.ToUpper(string(x.Text(x.tokens[x.begin])))
	}
	return "statement"
}

// target is the table that a statement writes to; ok is false if there may be several.
func (x *text) target(database string) (n Name, ok bool) {
	c := x.from(x.begin)
	switch {
	case c.accept("INSERT"), c.accept("REPLACE"):
		c.acceptAny("LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO")
		return c.table(database)
	case c.accept("UPDATE"):
		c.acceptAny("LOW_PRIORITY", "IGNORE")
		n, ok = c.table(database)
		return n, ok && (c.sees("SET") || c.sees("PARTITION"))
	case c.accept("LOAD"):
		for c.at < c.end && !c.accept("INTO", "TABLE") {
			c.at++
		}
		return c.table(database)
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
	parts := in.partsOf(x, t, added, keyName)
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
	c := x.from(x.begin)
	if x.Object == statement.IndexObject {
		for c.at < c.end && !c.sees("UNIQUE") && !c.sees("INDEX") {
			c.at++
		}
		c.acceptAny("UNIQUE", "INDEX")
		c.accept("IF", "NOT", "EXISTS")
		var k key
		k.name, _ = c.identifier()
		for c.at < c.end && !c.accept("ON") {
			c.at++
		}
		c.table("")
		k.parts = c.keyParts()
		return t, []key{k}
	}
	for _, clause := range c.list() {
		for ; clause.at < clause.end; clause.at++ { // the first clause begins with ALTER TABLE and the name
			if !clause.accept("ADD") {
				continue
			}
			if k, ok := clause.addedKey(); ok {
				keys = append(keys, k)
			}
			break
		}
	}
	return t, keys
}

// partsOf are the parts in SQL of a key that the statement adds or the table has.
func (in *Input) partsOf(x *text, t Name, added []key, name string) (parts []string) {
	for _, k := range added {
		if !same(k.name, name) {
			continue
		}
		for _, p := range k.parts {
			switch {
			case p.column == "":
				sql, ok := x.print(in, p.tokens)
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
