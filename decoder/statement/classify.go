package statement

import (
	"strings"

	"binmend/decoder"
)

// Statement is what a statement is, as far as its text says.
type Statement struct {
	Kind   Kind
	Verb   Verb
	Object Object             // of CREATE, ALTER, DROP, RENAME and TRUNCATE
	Phase  decoder.AlterPhase // of MariaDB's two-phase ALTER: only WholeAlter and CommitAlter change anything

	// Body is where the statement itself begins: 0, or after SET STATEMENT … FOR, whose settings hold for this statement only.
	Body int

	Temporary   bool // CREATE or DROP of a temporary table
	OrReplace   bool
	IfExists    bool
	IfNotExists bool

	// FromSelect: CREATE TABLE … SELECT, which also fills the table.
	FromSelect bool
	// OpensTransaction: CREATE TABLE … START TRANSACTION. MySQL 8.0.21 and later write it for CREATE TABLE … SELECT: the rows
	// follow as row events, up to a commit.
	OpensTransaction bool
	// ChangesRows: the statement may change, add or remove rows by itself, without row events. It is false for DROP and for
	// transaction control.
	ChangesRows bool

	names int    // where the names of the objects begin, 0 when there are none
	opens [2]int // where the words START TRANSACTION of OpensTransaction begin and end
}

// String is the statement's verb and object: "CREATE TEMPORARY TABLE".
func (st Statement) String() string {
	text := st.Verb.String()
	if st.Temporary {
		text += " TEMPORARY"
	}
	if st.Object != NoObject {
		text += " " + st.Object.String()
	}
	return text
}

// IsFrame reports whether the statement only begins, ends or divides a transaction. It is false for one that takes changes back.
func (st Statement) IsFrame() bool { return st.Kind == Control && !st.TakesBack() }

// TakesBack reports whether the statement takes back changes of its transaction: ROLLBACK and ROLLBACK TO.
func (st Statement) TakesBack() bool { return st.Verb == Rollback || st.Verb == RollbackTo }

// OnlyDrops reports whether a statement that ended with an error has dropped a table and not made another one: a CREATE OR REPLACE TABLE of
// MariaDB, which is in the log for that.
func (st Statement) OnlyDrops(errorCode uint16) bool {
	return errorCode != 0 && st.Verb == Create && st.Object == TableObject && st.OrReplace
}

// EndsPrepared reports whether the statement ends a prepared XA transaction: XA COMMIT and XA ROLLBACK.
func (st Statement) EndsPrepared() bool { return st.Verb == XACommit || st.Verb == XARollback }

// XID is the name that a logged XA statement ends with, as decoder.XAPrepare has it.
func XID(sql []byte) string {
	_, name, _ := strings.Cut(strings.ToUpper(string(sql)), "X'")
	return "X'" + strings.TrimRight(name, " ;\t\r\n")
}

// MayChangeRows reports whether the statement may change rows without row events: ChangesRows, TakesBack, or an unknown
// statement.
func (st Statement) MayChangeRows() bool {
	return st.ChangesRows || st.TakesBack() || st.Kind == Unknown
}

// HasNoEffect reports whether the event only says that a two-phase ALTER began or failed. It changes nothing, and the ALTER must
// not run because of it.
func (st Statement) HasNoEffect() bool {
	return st.Phase == decoder.StartAlter || st.Phase == decoder.RollbackAlter
}

// Read classifies the statement of a QUERY event. writer is the server of its format description.
func Read(q *decoder.Query, writer decoder.Version) Statement {
	if st, ok := frame(q.SQL); ok {
		return st
	}
	return Classify(q.SQL, ContextOf(q, writer))
}

// reading is what Of has read from an event.
type reading struct {
	query     decoder.Query
	statement Statement
}

// Of reads the statement of a QUERY event. It is read only once per event; the result is valid as long as the event.
func Of(e *decoder.Event) (*decoder.Query, Statement, error) {
	memo := e.Memo()
	r, ok := memo.Value.(*reading)
	if ok && memo.Valid {
		return &r.query, r.statement, nil
	}
	if !ok {
		r = new(reading)
		memo.Value = r
	}
	var err error
	if r.query, err = e.Query(); err != nil {
		return new(decoder.Query), Statement{}, err
	}
	r.statement = Read(&r.query, e.Format.Server)
	memo.Valid = true
	return &r.query, r.statement, nil
}

// frame recognises BEGIN and COMMIT as servers write them: nearly all transactions have them.
func frame(text []byte) (Statement, bool) {
	switch string(text) {
	case "BEGIN":
		return Statement{Kind: Control, Verb: Begin}, true
	case "COMMIT":
		return Statement{Kind: Control, Verb: Commit}, true
	}
	return Statement{}, false
}

// Classify reads only as much of a statement as needed to say what it is: its first words, or all of CREATE TABLE and ALTER
// TABLE. It allocates nothing.
func Classify(text []byte, context Context) Statement {
	if st, ok := frame(text); ok {
		return st
	}
	c := classifier{Scanner: NewScanner(text, context)}
	c.Phase = context.Phase
	c.advance()
	c.classify()
	return c.Statement
}

// classifier reads a statement one token ahead.
type classifier struct {
	Scanner
	Statement
	token Token // the next one
	upper [longestWord]byte
}

// longestWord is longer than any word that is looked for.
const longestWord = 16

func (c *classifier) advance() { c.token = c.Next() }

// word is the next token in upper case if it is a word. It is valid until the next call.
func (c *classifier) word() []byte {
	if c.token.Kind != Word || c.token.End-c.token.Start > longestWord {
		return nil
	}
	word := c.upper[:copy(c.upper[:], c.text[c.token.Start:c.token.End])]
	for i, b := range word {
		if in(b, 'a', 'z') {
			word[i] = b - ('a' - 'A')
		}
	}
	return word
}

// sees reports whether a keyword comes next.
func (c *classifier) sees(keyword string) bool { return c.Is(c.token, keyword) }

// accept skips a keyword if it comes next.
func (c *classifier) accept(keyword string) bool {
	if !c.sees(keyword) {
		return false
	}
	c.advance()
	return true
}

func (c *classifier) acceptOperator(operator string) bool {
	if !c.IsOperator(c.token, operator) {
		return false
	}
	c.advance()
	return true
}

func (c *classifier) classify() {
	for c.acceptOperator("(") || c.acceptOperator(";") {
	}
	verb := verbsByWord[string(c.word())]
	if verb == NoVerb && c.sees("XA") {
		c.advance()
		c.xa()
		return
	}
	if verb == NoVerb {
		return
	}
	c.advance()
	switch c.is(verb); verb {
	case Begin:
		c.accept("WORK")
		if c.token.Kind != End && !c.IsOperator(c.token, ";") {
			c.Statement = Statement{Phase: c.Phase, Body: c.Body} // BEGIN NOT ATOMIC: a program
		}
	case Start:
		if c.sees("TRANSACTION") {
			c.is(Begin)
		}
	case Rollback:
		c.rollback()
	case Create, Alter, Drop, Rename, Truncate:
		c.definition()
	case Load:
		if c.sees("INDEX") {
			c.is(LoadIndex)
		}
	case Analyze, Explain: // MariaDB's ANALYZE UPDATE … runs what it analyzes
		if verb == Analyze && !c.sees("TABLE") && !c.sees("TABLES") && !c.sees("LOCAL") && !c.sees("NO_WRITE_TO_BINLOG") {
			c.Kind, c.ChangesRows = DML, true
		}
	case With:
		c.with()
	case Set:
		c.set()
	case Import:
		c.ChangesRows = true
	}
}

// is sets the statement's verb.
func (c *classifier) is(v Verb) {
	c.Verb, c.Kind = v, kinds[v].kind
	c.ChangesRows = c.Kind == DML
}

func (c *classifier) xa() {
	for _, x := range [...]struct {
		word string
		verb Verb
	}{{"START", XAStart}, {"BEGIN", XAStart}, {"END", XAEnd}, {"PREPARE", XAPrepare}, {"COMMIT", XACommit}, {"ROLLBACK", XARollback}} {
		if c.sees(x.word) {
			c.is(x.verb)
			return
		}
	}
}

func (c *classifier) rollback() {
	c.accept("WORK")
	if c.sees("TO") {
		c.is(RollbackTo)
	}
}

// with finds the statement after the common table expressions, which stand in parentheses.
func (c *classifier) with() {
	for depth := 0; c.token.Kind != End; c.advance() {
		depth += c.depth()
		if depth != 0 {
			continue
		}
		switch v := verbsByWord[string(c.word())]; v {
		case Select, Insert, Update, Delete, Replace, Table, Values:
			c.is(v)
			return
		}
	}
}

// depth is the change of the nesting depth by the next token.
func (c *classifier) depth() int {
	if c.token.Kind == Operator && c.token.End-c.token.Start == 1 {
		switch c.text[c.token.Start] {
		case '(':
			return 1
		case ')':
			return -1
		}
	}
	return 0
}

// set reads SET: of a password or a role, SET STATEMENT … FOR and the statement in it, or of variables.
func (c *classifier) set() {
	switch {
	case c.sees("PASSWORD"), c.sees("ROLE"):
		c.Kind = Account
		return
	case c.accept("DEFAULT"):
		if c.sees("ROLE") {
			c.Kind = Account
		}
		return
	case !c.accept("STATEMENT"):
		return
	}
	for depth := 0; c.token.Kind != End; c.advance() {
		if depth += c.depth(); depth == 0 && c.accept("FOR") {
			c.Statement = Statement{Phase: c.Phase, Body: c.token.Start}
			c.classify()
			return
		}
	}
}
