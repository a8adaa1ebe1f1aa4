package list

import (
	"context"
	"hash/maphash"
	"io"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/decoder/walk"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/live"
	"binmend/schema/track"
)

// TableOptions say which tables Tables lists: those of files, of a server, or those whose rows are in logs.
type TableOptions struct {
	Files  *dump.Schema // nil when there are none
	At     track.At     // when the files were written
	Server *live.Server // in place of files; may be nil
	Logs   walk.Logs    // no names: all tables of the files or of the server
	JSON   bool         // one JSON object a line
}

// Tables lists tables with their unique keys, each once as long as they are few enough to be remembered, and what is wrong with their definitions. With logs, it follows the DDL and
// lists the tables as they are at their rows. findings is true if something was not understood, or a definition disagrees with the
// log.
func Tables(ctx context.Context, out io.Writer, o TableOptions) (findings bool, err error) {
	l := &tableList{TableOptions: o, out: out, print: tableText{out}, said: cache.Cache[uint64, bool]{Bytes: saidBytes}, seed: maphash.MakeSeed()}
	if o.JSON {
		l.print = newTableJSON(out)
	}
	switch {
	case len(o.Logs.Names) > 0:
		err = l.inLogs(ctx)
	case o.Server != nil:
		err = l.ofServer(ctx)
	default:
		l.ofFiles()
	}
	return l.findings, err
}

// saidBytes bounds what is remembered of what was printed: some 90,000 definitions. One that is forgotten is printed again.
const saidBytes = 6 << 20

// tableList prints each table once.
type tableList struct {
	TableOptions
	out      io.Writer
	print    tablePrinter
	findings bool
	seen     cache.Cache[*decoder.TableMap, bool]
	said     cache.Cache[uint64, bool] // hashes of what was printed: servers repeat a table map for every statement, with new table ids
	seed     maphash.Seed

	tables *track.Tracker // without a server
	live   *live.Tables   // with one
}

func (l *tableList) ofFiles() {
	for _, t := range l.Files.Tables() {
		l.print.table(t)
	}
	for _, p := range l.Files.Problems {
		l.problem(tableProblem{Text: p.Error(), lead: "not understood: "})
	}
}

func (l *tableList) ofServer(ctx context.Context) error {
	names, err := l.Server.TableNames(ctx)
	if err != nil {
		return err
	}
	tables := l.Server.Tables()
	for _, name := range names {
		t, err := tables.Table(ctx, schema.Ref{Database: name.Database, Table: name.Table})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			l.problem(tableProblem{Database: name.Database, Table: name.Table, Text: err.Error()})
			continue
		}
		l.print.table(t)
	}
	return nil
}

// inLogs lists the tables that the logs change.
func (l *tableList) inLogs(ctx context.Context) error {
	add := l.addTracked
	if l.Server != nil {
		l.live, add = l.Server.Tables(), l.addLive
	} else if l.tables = track.New(l.Files, l.At); !l.Logs.HasStdin() {
		err := changes.EachStatement(ctx, l.Logs, func(st changes.Statement) { l.tables.Foresee(st.Pos, st.Statement) })
		if err != nil {
			return err
		}
	}
	w, err := walk.Range{Logs: l.Logs}.Events()
	if err != nil {
		return err
	}
	defer w.Close()
	whole := decoder.Position{}
	for e, err := range w.All(ctx) {
		if err != nil {
			if l.JSON {
				return err
			}
			return interrupted(l.out, err, whole)
		}
		if w.Step().Ends() {
			whole = w.Transaction().End
		}
		if err := e.CheckKnown(); err != nil {
			return err
		}
		if err := add(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// mapOf is the table map of a row event that has not been seen yet, nil for any other event.
func (l *tableList) mapOf(e *decoder.Event) (*decoder.TableMap, error) {
	if !e.IsRows() {
		return nil, nil
	}
	re, err := e.Rows()
	if err != nil {
		return nil, err
	}
	if _, seen := l.seen.Get(re.Map); seen {
		return nil, nil
	}
	l.seen.Put(re.Map, true, re.Map.Size())
	return re.Map, nil
}

// addTracked handles an event of a log whose DDL is followed.
func (l *tableList) addTracked(ctx context.Context, e *decoder.Event) error {
	if isQuery(e) {
		return l.follow(e)
	}
	m, err := l.mapOf(e)
	if m == nil || err != nil {
		return err
	}
	ref := schema.Ref{Database: m.Database, Table: m.Table, Map: m, Pos: e.Pos}
	t, err := l.tables.Table(ctx, ref)
	if err != nil {
		t, err = changes.OrMetadata(ref, err)
	}
	overruled := ""
	if err == nil {
		overruled = l.overruled(ctx, ref)
	}
	l.say(ref, t, overruled, err)
	return nil
}

// addLive handles an event of a log when a server has the tables. If the log disagrees, the table was altered since, or is another
// one.
func (l *tableList) addLive(ctx context.Context, e *decoder.Event) error {
	m, err := l.mapOf(e)
	if m == nil || err != nil {
		return err
	}
	ref := schema.Ref{Database: m.Database, Table: m.Table, Map: m, Pos: e.Pos}
	t, err := l.live.Table(ctx, ref)
	if err == nil {
		err = schema.Verify(t, m)
	}
	l.say(ref, t, "", err)
	return nil
}

// say prints a table, or what is wrong with it at a place of the log, once. overruled is why another definition does not count.
func (l *tableList) say(ref schema.Ref, t *schema.Table, overruled string, err error) {
	key := overruled + textOf(t)
	if err != nil {
		key = err.Error()
	}
	if err != nil && l.Server != nil {
		key = tableName(ref.Database, ref.Table) + ": " + key
	}
	hash := maphash.String(l.seed, key)
	if _, isSaid := l.said.Get(hash); isSaid {
		return
	}
	l.said.Put(hash, true, 0)
	if err != nil {
		overruled = err.Error()
	}
	if overruled != "" {
		l.problem(tableProblem{Database: ref.Database, Table: ref.Table, File: ref.Pos.File, Offset: ref.Pos.Offset, Text: overruled})
	}
	if err == nil {
		l.print.table(t)
	}
}

// problem prints what is wrong.
func (l *tableList) problem(p tableProblem) {
	l.findings = true
	l.print.problem(&p)
}

// overruled reports that the log's own CREATE TABLE differs from the files' definition, which is then ignored.
func (l *tableList) overruled(ctx context.Context, ref schema.Ref) string {
	_, created, _ := l.tables.LastChange(dump.Name{Database: ref.Database, Table: ref.Table})
	if !created || l.Files == nil {
		return ""
	}
	of, err := l.Files.Table(ctx, ref)
	if err != nil {
		return ""
	}
	if err = schema.Verify(of, ref.Map); err == nil {
		return ""
	}
	return err.Error() + "; what the log creates is used instead:"
}

// follow follows a statement of the log.
func (l *tableList) follow(e *decoder.Event) error {
	st, ok, err := changes.ReadStatement(e)
	if err != nil || !ok {
		return err
	}
	l.seen.Clear()
	if err := l.tables.Apply(st.Pos, st.Statement); err != nil {
		l.problem(tableProblem{Text: err.Error()})
	}
	return nil
}
