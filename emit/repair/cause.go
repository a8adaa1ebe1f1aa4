package repair

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/txn"
	"binmend/emit/display"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/replica"
)

// cause is the failed change according to the error message, and whether the failing transaction has it. If it does not, the message
// is about another transaction, and repairing this one would change good rows. What a message does not say, or says in a form that
// can't be compared, counts as found. A nil cause is found in every transaction.
type cause struct {
	replica.Message
	filters *replica.Filters

	hasTable, hasKey, hasValue bool
	hasQuery                   bool
	changed                    []string // what the transaction changes, each once: "INSERT in shop.item"
	keys                       []string // of the table
	values                     []string // of the key, the first few
	ofTable                    bool     // the current event is of the table and of the kind
	conflict                   *schema.KeyedRow
}

// causeOf is the cause to look for; nil if there is no message, or the transaction was not named by the status.
func causeOf(o *Options, s stopped) *cause {
	if s.failure == nil || !o.GTID.IsZero() || o.Start != 0 || o.Stop != 0 {
		return nil
	}
	m := s.failure.Cause
	if m.Query == "" && (m.Change == replica.UnknownChange || m.Table == "") {
		return nil
	}
	return &cause{Message: m, filters: &s.status.Filters}
}

var kinds = map[replica.RowChange]decoder.RowsKind{replica.Write: decoder.Insert, replica.Update: decoder.Update, replica.Delete: decoder.Delete}

// meet looks at a row event of the failing transaction. The message has the table's name on the replica.
func (c *cause) meet(re *decoder.RowsEvent) {
	if c == nil {
		return
	}
	name := c.filters.Renamed(re.Map.Database) + "." + re.Map.Table
	c.ofTable = re.Kind == kinds[c.Change] && strings.EqualFold(unwrapped(name), unwrapped(c.Table))
	c.hasTable = c.hasTable || c.ofTable
	change := re.Kind.String() + " in " + name
	if len(c.changed) < maxStatements && !slices.Contains(c.changed, change) {
		c.changed = append(c.changed, change)
	}
}

// isOfTable reports whether the event last met is of the table and of the kind of the message.
func (c *cause) isOfTable() bool { return c != nil && c.ofTable }

// meetRow looks at a row of the event last met.
func (c *cause) meetRow(t *schema.Table, row *decoder.Row) {
	if c == nil || !c.ofTable || c.hasValue {
		return
	}
	key := c.key(t)
	if key == nil {
		return
	}
	value, ok := printedKey(t, key, row)
	switch {
	case !ok:
		c.hasValue = true
	case c.isValue(value):
		c.hasValue, c.conflict = true, written(t, key, row)
	default:
		c.keepValue(value)
	}
}

// written is the row that a change writes, and its value of a key.
func written(t *schema.Table, key *schema.Key, row *decoder.Row) *schema.KeyedRow {
	cells := make([]decoder.Cell, min(len(row.After), len(t.Columns)))
	for i := range cells {
		cells[i] = row.After[i].Clone()
		if cells[i].State() == decoder.Absent && i < len(row.Before) {
			cells[i] = row.Before[i].Clone()
		}
	}
	return &schema.KeyedRow{Row: schema.Row{Table: t, Cells: cells}, Key: key}
}

func (c *cause) keepValue(value string) {
	if len(c.values) < maxStatements {
		c.values = append(c.values, value)
	}
}

// passOver notes that the rows of the last event are not compared.
func (c *cause) passOver() {
	if c != nil && c.ofTable {
		c.hasKey, c.hasValue = true, true
	}
}

// leftOut is the error when the status's filters leave out the event in which the applier failed: then the status, or what was read
// from it, is not of this replica.
func (c *cause) leftOut() error {
	if c == nil || !c.ofTable {
		return nil
	}
	return &fault.Error{Reason: ErrOtherTransaction, What: fmt.Sprintf("the error is about %s, which the replica does not apply by the filters of the same status",
		c.Change.String()+" on "+c.Table)}
}

// meetStatement looks at a statement of the failing transaction.
func (c *cause) meetStatement(e *decoder.Event) error {
	if c == nil || e.IsRows() {
		return nil
	}
	text, err := display.Statement(e)
	if c.Query == "" || err != nil || text == "" {
		return err
	}
	if len(c.changed) < maxStatements {
		c.changed = append(c.changed, text)
	}
	if e.Type == decoder.EventExecuteLoadQuery {
		c.hasQuery = true // its text names a different file than the log
		return nil
	}
	q, err := e.Query()
	c.hasQuery = c.hasQuery || isQuoted(c.Query, string(q.SQL))
	return err
}

// isQuoted reports whether a message may quote a statement. Servers and terminals cut statements, break their lines, and print them
// in another character set than the log's.
func isQuoted(quote, sql string) bool {
	isOther := func(r rune) bool { return r < ' ' || r > '~' }
	quote, sql = strings.TrimSuffix(unwrapped(quote), "..."), unwrapped(sql)
	if i := strings.IndexFunc(quote, isOther); i >= 0 {
		quote = quote[:i]
	}
	if i := strings.IndexFunc(sql, isOther); i >= 0 && len(quote) > i {
		quote, sql = quote[:i], sql[:i]
	}
	return strings.HasPrefix(sql, quote)
}

// key is the key in the message; nil if the table has none of that name.
func (c *cause) key(t *schema.Table) *schema.Key {
	for i := range t.Keys {
		name := unwrapped(t.Keys[i].Name)
		if key := unwrapped(c.Key); strings.EqualFold(key, name) || strings.EqualFold(key, unwrapped(t.Name)+"."+name) {
			c.hasKey = true
			return &t.Keys[i]
		}
	}
	if t.KeysUnknown {
		c.hasKey, c.hasValue = true, true
	}
	for i := range t.Keys {
		if !slices.Contains(c.keys, t.Keys[i].Name) {
			c.keys = append(c.keys, t.Keys[i].Name)
		}
	}
	return nil
}

// maxQuery bounds what is shown of a statement.
const maxQuery = 200

// longestPrinted is how much of a value every server prints.
const longestPrinted = 60

func (c *cause) isValue(value string) bool {
	said, is := unwrapped(c.Value), unwrapped(value)
	if len(said) >= longestPrinted {
		said, is = said[:longestPrinted], is[:min(len(is), longestPrinted)]
	}
	return strings.EqualFold(said, is)
}

// unwrapped is a text without blanks: whoever pasted a message may have broken its lines anywhere.
func unwrapped(s string) string { return strings.Join(strings.Fields(s), "") }

// printedKey is a row's value of a key as servers print it in a message; ok is false if they may print it differently.
func printedKey(t *schema.Table, key *schema.Key, row *decoder.Row) (value string, ok bool) {
	var parts []string
	for _, part := range key.Parts {
		if part.Column < 0 || part.Prefix > 0 || part.Column >= len(row.After) {
			return "", false
		}
		cell := row.After[part.Column]
		if cell.State() == decoder.Absent && part.Column < len(row.Before) {
			cell = row.Before[part.Column]
		}
		text, ok := printed(&t.Columns[part.Column], cell)
		if !ok {
			return "", false
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "-"), true
}

// printed is a value as all servers print it, if they agree.
func printed(c *schema.Column, cell decoder.Cell) (string, bool) {
	switch c.Type {
	case schema.TypeTinyInt, schema.TypeSmallInt, schema.TypeMediumInt, schema.TypeInt, schema.TypeBigInt, schema.TypeDecimal,
		schema.TypeDate, schema.TypeDatetime, schema.TypeChar, schema.TypeVarchar:
	default:
		return "", false
	}
	if c.Zerofill || cell.State() != decoder.Value {
		return "", false
	}
	literal, err := sqltext.Dialect{}.AppendLiteral(nil, c, cell)
	if err != nil {
		return "", false
	}
	if literal[0] != '\'' {
		return string(literal), !bytes.ContainsAny(literal, "'_")
	}
	text := strings.ReplaceAll(string(literal[1:len(literal)-1]), "''", "'")
	return text, !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// check is the error when the failing transaction does not have the change. It says what differs.
func (c *cause) check(t txn.Transaction) error {
	if c == nil {
		return nil
	}
	said := c.Change.String() + " on " + c.Table
	has := "changes nothing"
	if len(c.changed) > 0 {
		has = "has " + display.Printable(strings.Join(c.changed, ", "))
	}
	switch {
	case c.Query != "":
		if c.hasQuery {
			return nil
		}
		said = "the statement " + display.OneLine([]byte(c.Query), maxQuery)
	case !c.hasTable:
	case c.Key == "" || c.hasValue:
		return nil
	case !c.hasKey:
		said += ", key " + c.Key
		has = "is in a table whose definition has the unique keys " + strings.Join(c.keys, ", ")
	case c.Value == "":
		return nil
	default:
		said += fmt.Sprintf(", value %s of key %s", c.Value, c.Key)
		has = "has the values " + strings.Join(c.values, ", ")
	}
	return &fault.Error{Reason: ErrOtherTransaction, What: fmt.Sprintf("the error is about %s; the transaction at %s:%d %s", said, t.Start.File, t.Start.Offset, has)}
}
