// Package advice says what to do about an applier error that changing rows does not remove: a statement met a conflicting row,
// DDL is partly done, a parent row, a partition or a table is missing. In go the error's number and message, the failed
// statement, rows of the failing event and the tables' definitions, as far as known (Input); out come what the error means here,
// and statements for a person to review (Advice). It asks no server, runs nothing and decides nothing: only the source can say
// which of two differing rows is right.
package advice

import (
	"regexp"
	"strings"

	"binmend/decoder/statement"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/replica"
)

// Input is what is known about an error. Unknown fields are zero.
type Input struct {
	Dialect   sqltext.Dialect // of the replica
	Errno     int
	Text      string          // the message as the server put it
	Message   replica.Message // what it says
	Statement *Statement      // the failed one, or the first if the message does not say; nil when there is none
	Writes    []Name          // tables with row events in the transaction
	Rows      *Rows           // of the failing event; nil when unknown

	Statements int // how many the transaction has

	Table func(database, name string) *schema.Table // nil for an unknown table
}

// Name is a table's name.
type Name struct{ Database, Table string }

// Statement is a logged statement.
type Statement struct {
	SQL      string
	Database string // its default database
	Context  statement.Context
}

// Rows are the rows of an event as literals by column, "" for values that the log does not have.
type Rows struct {
	Table         *schema.Table
	Before, After [][]string
}

type Advice struct {
	Meaning string `json:"meaning"`
	Safe    string `json:"safe"` // what is safe to do
	Steps   []Step `json:"steps"`

	// ThenSkip: the steps do all that is left of the transaction, which is then skipped. Otherwise the applier is started again.
	ThenSkip bool `json:"then_skip"`
}

// Step is a part of what to do.
type Step struct {
	On      Server   `json:"on"`
	Text    string   `json:"text"` // what the statements are for
	Changes bool     `json:"changes"`
	SQL     []string `json:"sql"` // statements, without a semicolon
}

// Server is where to run a step.
type Server string

const (
	Replica Server = "replica"
	Source  Server = "source"
	Both    Server = "both"
)

// For returns the advice on an error; nil if the error number says it all.
func For(in Input) *Advice {
	if in.Statement == nil && in.Message.Query != "" {
		in.Statement = &Statement{SQL: in.Message.Query, Database: in.Message.Database}
	}
	if in.Message.Query == "" && in.Statements > 1 {
		in.Statement = nil // any of them may have failed
	}
	if in.Table == nil {
		in.Table = func(string, string) *schema.Table { return nil }
	}
	switch in.Errno {
	case 1022, 1062, 1586:
		return in.duplicate()
	case 1050, 1051, 1060, 1061, 1068, 1091, 1396, 1507, 1517, 1826:
		return in.doneInPart()
	case 1049, 1146:
		return in.missingTable()
	case 1216, 1452:
		return in.missingParent()
	case 1217, 1451:
		return in.referringRows()
	case 1526:
		return in.missingPartition()
	case 1677, 13146:
		return in.unconvertible()
	case 3819, 4025:
		return in.violatedConstraint()
	}
	return nil
}

var (
	saidOfQuery = regexp.MustCompile(`(?s)Error '(.*)' on query\. Default database: '`)
	saidOfEvent = regexp.MustCompile(`(?s)Error executing row event: '(.*?)'(?:, Error_code: |, Internal MariaDB error code: |$)`)
	saidOfRow   = regexp.MustCompile(`(?s)_rows\w* event on table .*?; (.*?), Error_code: `)
)

// said is the part of the message that quotes the error itself.
func (in *Input) said() string {
	for _, form := range []*regexp.Regexp{saidOfQuery, saidOfEvent, saidOfRow} {
		if m := form.FindStringSubmatch(in.Text); m != nil {
			return m[1]
		}
	}
	return in.Text
}

func (in *Input) ident(name string) string { return string(in.Dialect.AppendIdent(nil, name)) }

func (in *Input) text(value string) string { return string(in.Dialect.AppendString(nil, value)) }

// table is a table's name in SQL. Without a database, it is in the session's.
func (in *Input) table(n Name) string {
	if n.Database == "" {
		return in.ident(n.Table)
	}
	return in.ident(n.Database) + "." + in.ident(n.Table)
}

func (in *Input) idents(names []string) string {
	var list []string
	for _, name := range names {
		list = append(list, in.ident(name))
	}
	return strings.Join(list, ", ")
}

func (n Name) String() string {
	if n.Database == "" {
		return n.Table
	}
	return n.Database + "." + n.Table
}
