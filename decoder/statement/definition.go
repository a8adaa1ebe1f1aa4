package statement

// definition reads what follows CREATE, ALTER, DROP, RENAME or TRUNCATE.
func (c *classifier) definition() {
	c.modifiers()
	if c.Verb == Truncate && c.Object == NoObject {
		c.Object = TableObject
	}
	c.conditions()
	c.names = c.token.Start
	switch c.Object {
	case UserObject, RoleObject:
		c.Kind = Account
	case TableObject:
		c.table()
	case IndexObject:
		c.index()
	case DatabaseObject:
		if c.Verb == Alter && c.seesDatabaseOption() {
			c.names = 0 // it is about the default database
		}
	}
}

// seesDatabaseOption reports whether an option of a database comes next, and not a name. Of the words that could be names, servers take
// only COMMENT for an option here, and only with a text after it (MariaDB).
func (c *classifier) seesDatabaseOption() bool {
	if c.sees("COMMENT") {
		ahead := *c
		ahead.advance()
		ahead.acceptOperator("=")
		return ahead.token.Kind == String
	}
	return c.sees("DEFAULT") || c.sees("CHARACTER") || c.sees("CHAR") || c.sees("COLLATE") || c.sees("READ")
}

// maxModifiers bounds what may stand between the verb and the word for the object.
const maxModifiers = 24

// modifiers reads what stands before the word for the object.
func (c *classifier) modifiers() {
	for range maxModifiers {
		if object := objectsByWord[string(c.word())]; object != NoObject {
			c.Object = object
			c.advance()
			if object == LogfileObject || object == ResourceObject {
				c.accept("GROUP")
			}
			return
		}
		switch {
		case c.Verb == Truncate, c.token.Kind != Word:
			return
		case c.accept("DEFINER"):
			c.definer()
		case c.accept("OR"):
			c.OrReplace = c.accept("REPLACE") || c.OrReplace
		case c.accept("TEMPORARY"):
			c.Temporary = true
		case c.sees("IGNORE"):
			c.ChangesRows = true // ALTER IGNORE TABLE removes rows that a new key does not allow
			c.advance()
		default: // ALGORITHM = MERGE, SQL SECURITY INVOKER, UNIQUE, AGGREGATE …
			c.advance()
			if c.acceptOperator("=") {
				c.advance()
			}
		}
	}
}

// definer skips = user@host, = CURRENT_USER() or = role; nothing after SQL SECURITY DEFINER.
func (c *classifier) definer() {
	if !c.acceptOperator("=") {
		return
	}
	c.advance()
	if c.acceptOperator("@") {
		c.advance()
	}
	if c.acceptOperator("(") {
		c.acceptOperator(")")
	}
}

// conditions reads IF EXISTS and the like before the name.
func (c *classifier) conditions() {
	if c.Object == PackageObject {
		c.accept("BODY")
	}
	if c.accept("IF") {
		c.IfNotExists = c.accept("NOT")
		c.IfExists = c.accept("EXISTS") && !c.IfNotExists
	}
}

// table reads the rest of a CREATE, ALTER or TRUNCATE TABLE.
func (c *classifier) table() {
	switch c.Verb {
	case Truncate:
		c.ChangesRows = true
	case Create:
		c.createTable()
	case Alter:
		c.alterTable()
	}
}

// createTable looks for a SELECT and for START TRANSACTION, which stands before the options of the table that the statement gave. A name
// can't be one of these words without quotes.
func (c *classifier) createTable() {
	if !c.mentionsSource() {
		return
	}
	start := -1 // where the word before begins, if it is START
	for ; c.token.Kind != End; c.advance() {
		if start >= 0 && c.sees("TRANSACTION") {
			c.OpensTransaction, c.opens = true, [2]int{start, c.token.End}
		}
		if start = -1; c.sees("START") {
			start = c.token.Start
		}
		if c.sees("SELECT") || c.sees("VALUES") && !c.dividesPartitions() || c.sees("TABLE") {
			c.FromSelect, c.ChangesRows = true, true
		}
	}
}

// mentionsSource reports whether the rest contains the letters of a word that createTable looks for, in any case, even within a
// name or a comment. Almost no CREATE TABLE does, and their texts are long.
func (c *classifier) mentionsSource() bool {
	rest := c.text[c.token.Start:]
	for i := sourceWindow - 1; i < len(rest); {
		if shift := sourceShifts[pairOf(rest[i-1], rest[i])]; shift > 0 {
			i += int(shift)
			continue
		}
		for _, word := range sourceWords {
			if startsFold(rest[i+1-sourceWindow:], word) {
				return true
			}
		}
		i++
	}
	return false
}

// sourceWords are what createTable looks for, and sourceWindow the length of the shortest.
var sourceWords = [...]string{"START", "TABLE", "SELECT", "VALUES"}

const sourceWindow = 5

// sourceShifts says, by the last two bytes of a window, how far away the next window is in which a word may begin; 0 for this one
// (the Wu-Manber search).
var sourceShifts = func() (shifts [1 << 10]uint8) {
	for i := range shifts {
		shifts[i] = sourceWindow - 1
	}
	for _, word := range sourceWords {
		for i := 1; i < sourceWindow; i++ {
			pair := pairOf(word[i-1], word[i])
			shifts[pair] = min(shifts[pair], uint8(sourceWindow-1-i))
		}
	}
	return shifts
}()

// pairOf hashes two bytes regardless of the case of letters.
func pairOf(a, b byte) int { return int(a&31)<<5 | int(b&31) }

// startsFold reports whether b begins with a word, in any case. The word is given in upper case.
func startsFold(b []byte, upper string) bool {
	return len(b) >= len(upper) && equalFold(b[:len(upper)], upper)
}

// dividesPartitions reports whether the next word, VALUES, begins VALUES LESS THAN or VALUES IN.
func (c *classifier) dividesPartitions() bool {
	ahead := c.Scanner
	t := ahead.Next()
	return ahead.Is(t, "LESS") || ahead.Is(t, "IN")
}

// alterTable looks for what an ALTER TABLE does to rows: partitions and tablespaces that are added or removed.
func (c *classifier) alterTable() {
	verb := false // the word before adds or removes rows if PARTITION or the like follows
	for depth := 0; c.token.Kind != End; c.advance() {
		if depth += c.depth(); depth > 0 {
			verb = false
			continue
		}
		if verb && (c.sees("PARTITION") || c.sees("SUBPARTITION") || c.sees("TABLESPACE") || c.sees("SYSTEM") || c.sees("TABLE")) {
			c.ChangesRows = true
			return
		}
		switch string(c.word()) {
		case "DROP", "TRUNCATE", "EXCHANGE", "DISCARD", "IMPORT", "CONVERT":
			verb = true
		default:
			verb = false
		}
	}
}

// index reads CREATE INDEX or DROP INDEX up to the name of the table.
func (c *classifier) index() {
	for ; c.token.Kind != End; c.advance() {
		if c.accept("ON") {
			c.names = c.token.Start
			return
		}
	}
	c.names = 0
}
