package app

import (
	"fmt"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/schema"
	"binmend/schema/live"
)

// liveSchema prints the server's tables as they are, or those of them that the logs change.
func (r *session) liveSchema(server *live.Server, logs walk.Logs) error {
	tables := liveTables{session: r, server: server, tables: server.Tables(), said: map[string]bool{}}
	err := tables.list(logs)
	if err == nil && tables.findings {
		return errReported
	}
	return err
}

// liveTables prints each table once.
type liveTables struct {
	*session
	server   *live.Server
	tables   *live.Tables
	seen     cache.Cache[*decoder.TableMap, bool]
	said     map[string]bool
	findings bool
}

func (l *liveTables) list(logs walk.Logs) error {
	if len(logs.Names) > 0 {
		w, err := walk.Range{Logs: logs}.Events()
		if err != nil {
			return err
		}
		defer w.Close()
		return l.each(w, l.add)
	}
	names, err := l.server.TableNames(l.ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		t, err := l.tables.Table(l.ctx, schema.Ref{Database: name.Database, Table: name.Table})
		if l.ctx.Err() != nil {
			return l.ctx.Err()
		}
		if err != nil {
			l.findings = true
			fmt.Fprintf(l.out, "%s.%s: %s\n", printable(name.Database), printable(name.Table), printable(err.Error()))
			continue
		}
		fmt.Fprint(l.out, tableText(t))
	}
	return nil
}

// add takes an event of a log. Where the log disagrees, the table was altered since, or is another one.
func (l *liveTables) add(_ *walk.Walk, e *decoder.Event, _ txn.Step) error {
	if !e.IsRows() {
		return nil
	}
	re, err := e.Rows()
	if _, seen := l.seen.Get(re.Map); err != nil || seen {
		return err
	}
	l.seen.Put(re.Map, true, re.Map.Size())
	t, err := l.tables.Table(l.ctx, schema.Ref{Database: re.Map.Database, Table: re.Map.Table, Map: re.Map, Pos: e.Pos})
	said := tableText(t)
	if err == nil {
		err = schema.Verify(t, re.Map)
	}
	if err != nil {
		said = tableName(re.Map) + ": " + printable(err.Error())
	}
	if l.said[said] {
		return nil
	}
	l.said[said] = true
	if err != nil {
		l.findings = true
		said = fmt.Sprintf("%s, %s:%d: %s\n", tableName(re.Map), printable(e.Pos.File), e.Pos.Offset, printable(err.Error()))
	}
	_, err = fmt.Fprint(l.out, said)
	return err
}
