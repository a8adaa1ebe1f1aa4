package replay

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"binmend/decoder"
	"binmend/decoder/statement"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// isNotThere tells the errors with which DROP of several tables, views or sequences ended on the source when one of them did not
// exist. MySQL before 8.0 logs a DROP TABLE with it, MariaDB without: its appliers pass over tables that are not there
// (slave_ddl_exec_mode=IDEMPOTENT).
func isNotThere(errorCode uint16) bool {
	const badTable, unknownSequence, unknownView = 1051, 4091, 4092
	return errorCode == badTable || errorCode == unknownSequence || errorCode == unknownView
}

// adapted is the text of a statement as a client can run it, without what servers write only for appliers.
func (r *renderer) adapted(e *decoder.Event, q *decoder.Query, st statement.Statement) ([]byte, error) {
	sql := q.SQL
	switch st.Verb {
	case statement.Savepoint, statement.Release, statement.RollbackTo:
		return statement.WithPlainSavepoint(sql, statement.ContextOf(q, e.Format.Server)), nil
	}
	if st.OpensTransaction && !r.options.GTIDs {
		sql = st.WithoutOpening(sql)
	}
	if at := st.NamesAt(); at > 0 && st.Verb == statement.Drop && !st.IfExists {
		why := ""
		switch {
		case isNotThere(q.ErrorCode):
			why = "on the source a part of what is dropped was not there."
		case q.ErrorCode == 0 && e.Format.Server.Flavor == decoder.MariaDB && st.NamesSeveral(q.SQL, statement.ContextOf(q, e.Format.Server)):
			why = "the log does not say whether all of this was there on the source; a replica drops what it has."
		}
		if why != "" {
			r.text = sqltext.AppendComment(r.text, "IF EXISTS is not in the log: "+why)
			return append(append(bytes.Clone(sql[:at]), "IF EXISTS "...), sql[at:]...), nil
		}
	}
	if r.homeless && st.Verb == statement.Drop && st.Temporary {
		return r.dropping(e, q, st), nil
	}
	if st.OnlyDrops(q.ErrorCode) {
		r.text = sqltext.AppendComment(r.text, fmt.Sprintf("this CREATE OR REPLACE failed with error %d on the source, after it had dropped the table.", q.ErrorCode))
		return r.dropping(e, q, st), nil
	}
	if account, hash := passwordHash(sql); hash != "" && r.dialect(e.Format).MySQLSince(5, 7, 6) {
		r.text = sqltext.AppendComment(r.text, "this server takes a password in SET PASSWORD; the log has its hash.")
		return []byte("ALTER USER " + account + " IDENTIFIED WITH 'mysql_native_password' AS '" + hash + "'"), nil
	}
	sql = r.withConstraintsOf(e.Format.Server, sql, statement.ContextOf(q, e.Format.Server), st, r.dialect(e.Format).Version())
	r.noteDefaults(q, st, e.Format.Server, r.dialect(e.Format))
	if st.HasOwnMode(q.SQL) {
		r.text = sqltext.AppendComment(r.text, "RISK: the source read the text of this statement under its session's sql_mode, which the log does not have, and not under the "+
			"one that SET STATEMENT gives: ||, double quotes and backslashes may have meant something else.")
	}
	if q.ErrorCode == 0 {
		return sql, nil
	}
	r.text = sqltext.AppendComment(r.text, fmt.Sprintf("RISK: this statement failed with error %d on the source after it had changed something, and "+
		"is in the log for that. A client stops at the same error, unless it is told to go on.", q.ErrorCode))
	return sql, nil
}

// dropping is a DROP TABLE of the tables that a statement names, with their databases, as far as its text is ASCII or UTF-8. Servers write a DROP
// TEMPORARY TABLE at the end of a session, whose temporary tables are still there when their database, and the session's default one, has
// been dropped.
func (r *renderer) dropping(e *decoder.Event, q *decoder.Query, st statement.Statement) []byte {
	if _, charset, _ := schema.CollationByNumber(q.Session().Collations.Client); st.Object != statement.TableObject ||
		!strings.HasPrefix(charset, "utf8") && !(schema.IsASCII(q.SQL) && schema.IsASCII(q.Database)) {
		return q.SQL
	}
	sql := []byte("DROP ")
	if st.Temporary {
		sql = append(sql, "TEMPORARY "...)
	}
	sql = append(sql, "TABLE "...)
	if st.IfExists || st.Verb == statement.Create {
		sql = append(sql, "IF EXISTS "...)
	}
	for o := range st.Objects(q.SQL, statement.ContextOf(q, e.Format.Server)) {
		if o.Database == "" {
			o.Database = r.rewritten(string(q.Database))
		}
		sql = append(r.dialect(e.Format).AppendTable(sql, &schema.Table{Database: o.Database, Name: o.Name}), ", "...)
	}
	return bytes.TrimSuffix(sql, []byte(", "))
}

// loggedPassword is SET PASSWORD as servers log it (MySQL source: change_password).
var loggedPassword = regexp.MustCompile(`^SET PASSWORD FOR ('(?:[^'\\]|'')*'@'(?:[^'\\]|'')*')='(\*[0-9A-F]{40})'$`)

// passwordHash is the account of a logged SET PASSWORD and the hash that it gets. Servers before MySQL 5.7.6, and MariaDB, take a hash in
// SET PASSWORD; later ones take it for the password itself, and log ALTER USER.
func passwordHash(sql []byte) (account, hash string) {
	m := loggedPassword.FindSubmatch(sql)
	if m == nil {
		return "", ""
	}
	return string(m[1]), string(m[2])
}

// refuseMeaning refuses a statement that would do something else on the server that the SQL is for.
func (r *renderer) refuseMeaning(e *decoder.Event, q *decoder.Query, s *decoder.Session, st statement.Statement) error {
	d, writer := r.dialect(e.Format), e.Format.Server.Flavor
	if st.Kind == statement.Control {
		return nil
	}
	if s.HasSQLMode && changesMeaning(d, writer, s.SQLMode) {
		return refusal(ErrClient, e.Pos, brief(q.SQL), fmt.Sprintf("its sql_mode (%d) has bits that the server does not know", s.SQLMode))
	}
	if s.HasCollations {
		for _, number := range []uint16{s.Collations.Client, s.Collations.Connection, s.Collations.Server} {
			if !hasCollation(d, number) {
				name, _, _ := schema.CollationByNumber(number)
				return refusal(ErrClient, e.Pos, brief(q.SQL), fmt.Sprintf("its session has collation %s (%d), which the server does not have", name, number))
			}
		}
	}
	if len(r.options.Rewrite) > 0 {
		return r.refuseRewritten(e, q)
	}
	return nil
}

// The numbers of the collations that only MySQL 8.0 and later have begin with utf8mb4_0900_ai_ci; MariaDB's own come after them, the
// last ones with utf8mb3_uca1400_ai_ci.
const (
	firstOnlyMySQL   = 255
	firstOnlyMariaDB = 576
	firstUCA1400     = 2048
)

// hasCollation reports whether the server of a dialect has a collation.
func hasCollation(d sqltext.Dialect, number uint16) bool {
	switch {
	case number < firstOnlyMySQL:
		return true
	case number < firstOnlyMariaDB:
		return d.MySQLSince(8, 0, 0)
	case number < firstUCA1400:
		return d.MariaDB()
	}
	return d.MariaDB() && d.Version().AtLeast(10, 10, 0)
}

// rewritten is a database's name on the server that the SQL is for.
func (r *renderer) rewritten(database string) string {
	if name, ok := r.options.Rewrite[database]; ok {
		return name
	}
	return database
}

// refuseRewritten refuses a statement that names a database with another name on the server that the SQL is for.
func (r *renderer) refuseRewritten(e *decoder.Event, q *decoder.Query) error {
	s := statement.NewScanner(q.SQL, statement.ContextOf(q, e.Format.Server))
	for {
		t := s.Next()
		if t.Kind == statement.End {
			return nil
		}
		name, ok := s.Name(t)
		if !ok {
			continue
		}
		for from, to := range r.options.Rewrite {
			if strings.EqualFold(schema.NameOf(q, e.Format.Server, string(name)), from) {
				return refusal(ErrClient, e.Pos, brief(q.SQL), fmt.Sprintf("it names %s, which is to be %s: that is rewritten for rows and default databases only", from, to))
			}
		}
	}
}

// ParseRewrites reads Options.Rewrite from pairs A->B.
func ParseRewrites(list []string) (map[string]string, error) {
	names := map[string]string{}
	for _, text := range list {
		from, to, ok := strings.Cut(text, "->")
		if from, to = strings.TrimSpace(from), strings.TrimSpace(to); !ok || from == "" || to == "" {
			return nil, fmt.Errorf("expected A->B, found %q", text)
		}
		if other, twice := names[from]; twice && other != to {
			return nil, fmt.Errorf("%s is to be both %s and %s", from, other, to)
		}
		names[from] = to
	}
	return names, nil
}
