package dump

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"binmend/decoder"
	"binmend/decoder/statement"
	"binmend/schema"
	"binmend/schema/lexer"
)

// Parser takes the DDL of a log apart. It keeps the names of temporary tables, so it has to get the statements of one log, or of
// several that follow each other, in their order.
type Parser struct {
	parser    *tableParser
	temporary temporaries
}

// NewParser returns a parser that knows of no temporary table.
func NewParser() *Parser { return &Parser{parser: newTableParser()} }

// Statement is a statement of a log.
type Statement struct {
	Server   decoder.Version // that ran it
	Database string          // the default one
	SQL      string
	Length   int    // bytes of the whole statement, where SQL may be only its beginning
	SQLMode  uint64 // of the session
	Session  Session
	Ended    time.Time // by the clock of the server that ran it; zero when unknown

	ErrorCode        uint16 // that the statement ended with
	ExplicitDefaults bool   // explicit_defaults_for_timestamp of the session
	ToldDefaults     bool   // the log tells that

	Collations        decoder.Collations // of the session; zero when unknown
	CollationDatabase uint16             // of the session; 0: that of the default database
}

// text is the statement in UTF-8. It is logged in the client's character set, unless the server wrote it itself. What is no text in that
// becomes U+FFFD, and whole is false; see readUnknown.
func (st *Statement) text() (text string, whole bool) {
	_, charset, known := schema.CollationByNumber(st.Collations.Client)
	if schema.IsASCII(st.SQL) || statement.InUTF8([]byte(st.SQL), st.Server) {
		return st.SQL, true
	}
	text, whole = schema.ToUTF8(charset, []byte(st.SQL))
	switch {
	case whole:
		return text, true
	case !known || charset == "binary" || isUTF8(charset):
		return st.SQL, true
	}
	return schema.Readable(charset, []byte(st.SQL)), false
}

// readUnknown is an error where a name is no text in the character set of the statement's client, such as UTF-8 that was sent as gbk: what the
// server made of it is not known for sure. A string has question marks there, as servers have.
func readUnknown(tokens []lexer.Token) error {
	for i := range tokens {
		t := &tokens[i]
		switch {
		case !strings.ContainsRune(t.Text, utf8.RuneError):
		case t.Kind == lexer.String:
			t.Text = strings.ReplaceAll(t.Text, string(utf8.RuneError), "?")
		default:
			return errNoText
		}
	}
	return nil
}

// errNoText: see readUnknown.
var errNoText = errors.New("a name is no text in the character set of the client")

// Parse calls yield for each change that a statement makes to tables and to the defaults of databases, in order. It calls it for no other
// statement, and for none about temporary tables. A table whose DDL it does not understand gets a Change that is Lost; an error means that
// not even the table is known. yield may change and keep a Change.
func (p *Parser) Parse(st Statement, yield func(*Change)) error {
	var whole bool
	st.SQL, whole = st.text()
	context := statement.Context{Writer: st.Server, SQLMode: st.SQLMode}
	p.temporary.restart(st.Session)
	kind := statement.Classify([]byte(st.SQL), context)
	switch {
	case kind.Kind != statement.DDL:
		return nil
	case kind.Temporary:
		verb := kind.Verb
		if kind.OnlyDrops(st.ErrorCode) {
			verb = statement.Drop
		}
		p.temporary.follow(&st, verb, kind.Objects([]byte(st.SQL), context))
		return nil
	case kind.OnlyDrops(st.ErrorCode):
		for n := range kind.Objects([]byte(st.SQL), context) {
			c := Change{Kind: DropTable, Verb: kind.String(), Name: Name{Database: cmp.Or(n.Database, st.Database), Table: n.Name}}
			c.Name = c.Name.clone()
			yield(&c)
		}
		return nil
	}
	r := changeReader{parser: p.parser, statement: st}
	var tokens []lexer.Token
	err := checkLimits(&st, context)
	if err == nil && kind.HasOwnMode([]byte(st.SQL)) {
		err = errOwnMode
	}
	if err == nil {
		tokens, err = lex(st.SQL, context)
	}
	if err == nil && !whole {
		err = readUnknown(tokens)
	}
	if err == nil {
		st.convertLiterals(tokens)
		p.parser.dialect = dialectOf(st.Server, st.SQLMode)
		r.c = &lexer.Cursor{Tokens: lexer.From(tokens, kind.Body)}
		err = r.read()
		r.promoteTimestamps()
		r.markRecoded()
	}
	yieldReal := func(c *Change) {
		if !p.temporary.passOver(&st, c) {
			c.Name, c.Other = c.Name.clone(), c.Other.clone() // they are kept for longer than the statement
			yield(c)
		}
	}
	if err != nil {
		err = fmt.Errorf("%w in %s", err, lexer.Excerpt(st.SQL))
		if r.lose(kind, kind.Objects([]byte(st.SQL), context), err, yieldReal) {
			return nil
		}
	}
	for i := range r.changes {
		yieldReal(&r.changes[i])
	}
	return err
}

// errOwnMode: see statement.Statement.HasOwnMode.
var errOwnMode = errors.New("SET STATEMENT gives it an sql_mode that its text was not read under")

// literalCharset is the character set of collation_connection, to which the server converts the statement's strings; "" where that is
// not known, or leaves each of them as it stands here.
func (st *Statement) literalCharset() string {
	_, connection, _ := schema.CollationByNumber(st.Collations.Connection)
	if connection == "utf8mb4" || schema.IsASCII(st.SQL) || statement.InUTF8([]byte(st.SQL), st.Server) {
		return ""
	}
	return connection
}

// convertLiterals gives strings what the server makes of them: it converts each from the client's character set to that of
// collation_connection first, and a character that this lacks becomes a question mark. st has its text in UTF-8.
func (st *Statement) convertLiterals(tokens []lexer.Token) {
	_, client, _ := schema.CollationByNumber(st.Collations.Client)
	connection := st.literalCharset()
	if connection == "" || connection == client {
		return
	}
	for i := range tokens {
		t := &tokens[i]
		if t.Kind != lexer.String || t.Text[0]|0x20 == 'n' || i > 0 && tokens[i-1].Kind == lexer.Word && strings.HasPrefix(tokens[i-1].Text, "_") {
			continue
		}
		t.Text = schema.AsStored(connection, t.Text)
	}
}

// lex splits a statement into tokens that the parser knows: servers take CHAR SET for CHARACTER SET.
func lex(sql string, context statement.Context) ([]lexer.Token, error) {
	tokens, err := lexer.Read(sql, context)
	for i := range tokens {
		if i > 0 && tokens[i-1].Is("CHAR") && tokens[i].Is("SET") {
			tokens[i-1].Text = "CHARACTER"
		}
	}
	return tokens, err
}
