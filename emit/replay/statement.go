package replay

import (
	"bytes"
	"fmt"
	"strconv"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/statement"
	"binmend/decoder/txn"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/changes"
)

// statement writes an item other than rows: a statement, a setting that it needs, or an event that has no SQL.
func (r *renderer) statement(t *changes.Transaction, item *changes.Item) error {
	if r.options.backward {
		return r.refuseStatement(t, item)
	}
	var err error
	switch item.Kind {
	case changes.KindSetting:
		r.keep(func() { err = r.setting(item.Event) }, piece{statement: true})
	case changes.KindLoad:
		return refusal(ErrLoad, item.Event.Pos, item.Event.Type.String(), whyLoad(item.Event))
	case changes.KindStatement:
		if item.LeftOut != (filter.Table{}) {
			return refuseLeftOut(item)
		}
		r.summary.Statements++
		r.homeless = item.Homeless
		if item.Event.Unfolded() >= largeText {
			return r.largeStatement(t, item.Event)
		}
		r.keep(func() { err = r.query(t, item.Event) }, piece{statement: true})
	}
	return err
}

// refuseLeftOut refuses DDL that would also change an unwanted table.
func refuseLeftOut(item *changes.Item) error {
	q, err := item.Event.Query()
	if err != nil {
		return err
	}
	return refusal(ErrLeftOut, item.Event.Pos, brief(q.SQL), "it is of "+item.LeftOut.String()+" as well, which the filter leaves out")
}

func whyLoad(e *decoder.Event) string {
	if e.Type == decoder.EventIncident {
		return "the source's log has a gap here"
	}
	return "LOAD DATA INFILE was logged with its file, which SQL can't hold"
}

// refuseStatement refuses what has no inverse. SAVEPOINT changes nothing.
func (r *renderer) refuseStatement(t *changes.Transaction, item *changes.Item) error {
	about, why := item.Event.Type.String(), "a statement has no inverse"
	switch item.Kind {
	case changes.KindSetting:
		return nil
	case changes.KindLoad:
		why = whyLoad(item.Event)
	case changes.KindStatement:
		if item.Event.Type == decoder.EventXAPrepare || item.Event.Type == decoder.EventMariaGtid {
			return nil // at the end of its transaction
		}
		q, err := item.Event.Query()
		if err != nil {
			return err
		}
		st := statement.Read(&q, item.Event.Format.Server)
		if st.Verb == statement.XACommit && t.Ends.Ending == txn.Open {
			return refusal(ErrNotCommitted, item.Event.Pos, brief(q.SQL), "the transaction was prepared before the range, so its rows are not in it")
		}
		if st.IsFrame() || leavesRows(st) {
			return nil
		}
		if st.Verb == statement.RollbackTo && r.options.lasting {
			r.summary.undone = true
			return nil
		}
		about = brief(q.SQL)
	}
	return refusal(ErrNoInverse, item.Event.Pos, about, why)
}

// leavesRows reports whether a statement changes nothing that has to be taken back: it maintains tables, or creates or drops a
// temporary one, which is gone with its session.
func leavesRows(st statement.Statement) bool {
	switch st.Verb {
	case statement.Analyze, statement.Optimize, statement.Flush, statement.Check, statement.Checksum:
		return st.Kind == statement.Admin
	case statement.Create, statement.Drop:
		return st.Temporary && st.Object == statement.TableObject
	}
	return false
}

// brief is the beginning of a statement on one line.
func brief(sql []byte) string {
	const most = 60
	text := string(bytes.Join(bytes.Fields(sql[:min(len(sql), 4*most)]), []byte{' '}))
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + " …"
	}
	return text
}

// query writes a statement as it ran: in its database and with its session's variables.
func (r *renderer) query(t *changes.Transaction, e *decoder.Event) error {
	switch e.Type {
	case decoder.EventXAPrepare, decoder.EventMariaGtid:
		if r.becomesPlain(t) {
			return nil
		}
		if e.Type == decoder.EventMariaGtid {
			return r.xaStart(e)
		}
		return r.xaPrepare(e)
	}
	q, err := asSent(e, t.Format.Server)
	if err != nil {
		return err
	}
	s, st, d := sessionOf(&q, t.Format.Server), statement.Read(&q, t.Format.Server), r.dialect(t.Format)
	if r.xaStatement(t, &q, st) {
		return nil
	}
	if err := r.refuseMeaning(e, &q, &s, st); err != nil {
		return err
	}
	isOfText := st.Kind == statement.DDL && st.Verb != statement.Drop && (st.Object == statement.TableObject || st.Object == statement.DatabaseObject)
	r.summary.otherCollations = r.summary.otherCollations || isOfText && !setsCollations(d) && characterSetCollations(&s) != ""
	r.summary.events = r.summary.events || st.Object == statement.EventObject && st.Verb != statement.Drop

	if q.SQL, err = r.adapted(e, &q, st); err != nil {
		return err
	}
	f, err := r.clientForm(t.Format, q.SQL, &s)
	if err != nil {
		return refusal(ErrClient, e.Pos, brief(q.SQL), err.Error())
	}
	if err := sqltext.CheckClient(q.Database); err != nil {
		return refusal(ErrClient, e.Pos, brief(q.SQL), "its default database: "+err.Error())
	}

	r.tellClient(f.charset)
	if st.Kind != statement.Control {
		if err := r.enterContext(d, e, &q, &s); err != nil {
			return err
		}
	}
	r.appendForm(q.SQL, f)
	if f.charset != "" {
		r.tellClient(d.Charset())
	}

	if st.Object == statement.DatabaseObject {
		r.context.database = "" // DROP DATABASE may have dropped it
	}
	if st.OpensTransaction && !r.options.GTIDs {
		r.appendLeave()
		r.text = append(r.text, "BEGIN;\n"...)
	}
	return nil
}

// asSent is a logged statement in the character set of its client, and without settings that say only how the source logs it.
func asSent(e *decoder.Event, server decoder.Version) (q decoder.Query, err error) {
	if q, err = e.Query(); err != nil {
		return q, err
	}
	var ok bool
	if q.SQL, ok = schema.InClientsSet(&q, server); !ok {
		return q, refusal(ErrClient, e.Pos, brief(q.SQL), "its client's character set does not have a character of a name that the server wrote into it")
	}
	if server.Flavor == decoder.MariaDB {
		q.SQL = statement.WithoutLogging(q.SQL, statement.ContextOf(&q, server))
	}
	return q, nil
}

// xaPrepare writes the end of an XA transaction's first or only phase.
func (r *renderer) xaPrepare(e *decoder.Event) error {
	x, err := e.XAPrepare()
	if err != nil {
		return err
	}
	r.appendLeave()
	verb, end := "PREPARE", ""
	if x.OnePhase {
		verb, end = "COMMIT", " ONE PHASE"
	}
	r.text = fmt.Appendf(appendXA(r.text, verb, &x), "%s;\n", end)
	return nil
}

// xaStart writes the beginning of an XA transaction, which MariaDB's GTID event stands for.
func (r *renderer) xaStart(e *decoder.Event) error {
	x, _, err := e.MariaXA()
	if err != nil {
		return err
	}
	r.text = append(appendXA(r.text, "START", &x), ";\n"...)
	return nil
}

func appendXA(dst []byte, verb string, x *decoder.XAPrepare) []byte {
	return fmt.Appendf(dst, "XA %s X'%x',X'%x',%d", verb, x.Gtrid, x.Bqual, x.FormatID)
}

// appendTerminated appends a statement and its end: a semicolon, or another delimiter if the statement contains one.
func (r *renderer) appendTerminated(sql []byte) {
	sql = bytes.TrimRight(sql, " \t\r\n;")
	if bytes.IndexByte(sql, ';') < 0 {
		r.appendParts(sql, appendBytes)
		if bytes.IndexByte(sql, '#') >= 0 || bytes.Contains(sql, []byte("--")) {
			r.text = append(r.text, '\n') // the end must not be part of a comment
		}
		r.text = append(r.text, ";\n"...)
		return
	}
	delimiter := delimiterFor(sql)
	r.text = fmt.Appendf(r.text, "DELIMITER %s\n", delimiter)
	r.appendParts(sql, appendBytes)
	r.text = fmt.Appendf(r.text, "\n%s\nDELIMITER ;\n", delimiter)
}

func appendBytes(dst, b []byte) []byte { return append(dst, b...) }

// appendParts appends a text. A large one is handed over part by part.
func (r *renderer) appendParts(text []byte, add func(dst, part []byte) []byte) {
	for len(text) >= largeText {
		r.text = r.spilled(add(r.text, text[:largeText]))
		text = text[largeText:]
	}
	r.text = add(r.text, text)
}

// delimiterFor is a delimiter that does not occur in a statement: //, or the first of //1//, //2// and so on. It reads the statement
// only once, so that many occurrences don't take long.
func delimiterFor(sql []byte) string {
	slashes := []byte("//")
	held := map[int]bool{}
	for at := bytes.Index(sql, slashes); at >= 0; {
		held[0] = true
		rest := sql[at+2:]
		digits := 0
		for digits < len(rest) && digits <= len("99999999") && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		if n, err := strconv.Atoi(string(rest[:digits])); err == nil && bytes.HasPrefix(rest[digits:], slashes) {
			held[n] = true
		}
		next := bytes.Index(sql[at+1:], slashes)
		if next < 0 {
			break
		}
		at += 1 + next
	}
	if !held[0] {
		return "//"
	}
	n := 1
	for held[n] {
		n++
	}
	return fmt.Sprintf("//%d//", n)
}
