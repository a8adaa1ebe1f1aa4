package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/track"
)

// schemaHint tells how to come by table definitions.
const schemaHint = "give --schema FILE, made on the replica by: mysqldump --no-data --databases DB > schema.sql"

func (r *session) schemaCommand() *cli.Command {
	return &cli.Command{
		Name:      "schema",
		Usage:     "show what was understood of the table definitions",
		ArgsUsage: "--schema FILE | -S SOCKET [LOG...]",
		Description: `  binmend schema --schema schema.sql
  binmend schema --schema schema.sql relay-bin.000002
  binmend schema binlog.000001 binlog.000002
  binmend schema -S /run/mysqld/mysqld.sock relay-bin.000002

Lists each table with its unique keys, and every part of the files that was not
understood. With logs: the tables whose rows are in them, as they are at those
rows, and where a definition disagrees with the log. The DDL in the logs is
followed: a table is listed again when it has changed, and one that the logs
create needs no file. --schema-at start says that the files are from before the
first log, --schema-at end from after the last; without it, what fits counts.
With a connection: the server's tables as they are, with logs those that the logs
change, and where they disagree. The flags of a connection are those of "fix".
Exit code 1 when there is anything to look at.`,
		Flags:  slices.Concat([]cli.Flag{schemaFlag(), schemaAtFlag()}, readFlags(), connectionFlags()),
		Action: r.schema,
	}
}

func (r *session) schema(c *cli.Context) error {
	opener, err := openerOf(c)
	if err != nil {
		return err
	}
	names, err := logfile.List(c.Args().Slice()...)
	if err != nil {
		return err
	}
	logs := walk.Logs{Names: names, Opener: r.watched(opener, names), Input: interruptible{r.ctx, r.In}}
	server, err := r.connect(c)
	if err != nil {
		return err
	}
	if server != nil {
		defer server.Close()
		if len(c.StringSlice("schema")) > 0 {
			return &usageError{text: "--schema and a connection: which of them has the tables?"}
		}
		return r.liveSchema(server, logs)
	}
	if len(c.StringSlice("schema")) == 0 && len(logs.Names) == 0 {
		return &usageError{text: "no --schema given", hint: schemaHint}
	}
	at, err := schemaAt(c)
	if err != nil {
		return err
	}
	var files *dump.Schema
	if len(c.StringSlice("schema")) > 0 {
		if files, err = r.loadSchema(c); err != nil {
			return err
		}
	}
	if len(logs.Names) > 0 {
		return r.compare(files, at, logs)
	}
	for _, t := range files.Tables() {
		fmt.Fprint(r.out, tableText(t))
	}
	for _, p := range files.Problems {
		fmt.Fprintln(r.out, "not understood: "+printable(p.Error()))
	}
	if len(files.Problems) > 0 {
		return errReported
	}
	return nil
}

// compare prints the tables that the logs change, each once, and what is wrong with their definitions.
func (r *session) compare(files *dump.Schema, at track.At, logs walk.Logs) error {
	tables := track.New(files, at)
	if !slices.Contains(logs.Names, standardInput) {
		err := changes.EachStatement(r.ctx, logs, func(st changes.Statement) { tables.Foresee(st.Pos, st.Statement) })
		if err != nil {
			return err
		}
	} else if at == track.End {
		return &usageError{text: "--schema-at end reads a log twice, so not from standard input", hint: "save it to a file first"}
	}
	w, err := walk.Range{Logs: logs}.Events()
	if err != nil {
		return err
	}
	defer w.Close()
	c := comparison{session: r, files: files, tables: tables, said: map[string]bool{}}
	if err := r.each(w, c.add); err != nil {
		return r.endList(err)
	}
	if c.disagrees {
		return errReported
	}
	return nil
}

// comparison goes through the row events of logs.
type comparison struct {
	*session
	files     *dump.Schema // nil without --schema
	tables    *track.Tracker
	seen      cache.Cache[*decoder.TableMap, bool]
	said      map[string]bool // servers repeat a table map for every statement
	disagrees bool
}

func (c *comparison) add(_ *walk.Walk, e *decoder.Event, _ txn.Step) error {
	if isQuery(e) {
		return c.follow(e)
	}
	if !e.IsRows() {
		return nil
	}
	re, err := e.Rows()
	if _, seen := c.seen.Get(re.Map); err != nil || seen {
		return err
	}
	c.seen.Put(re.Map, true, re.Map.Size())
	ref := schema.Ref{Database: re.Map.Database, Table: re.Map.Table, Map: re.Map, Pos: e.Pos}
	t, err := c.tables.Table(c.ctx, ref)
	if err != nil {
		t, err = changes.OrMetadata(ref, err)
	}
	said := tableText(t)
	if err == nil {
		said = c.overruled(ref) + said
	}
	if err != nil {
		said = printable(err.Error())
	}
	if c.said[said] {
		return nil
	}
	c.said[said] = true
	if err != nil {
		c.disagrees = true
		fmt.Fprintf(c.out, "%s, %s:%d: %s\n", tableName(re.Map), printable(e.Pos.File), e.Pos.Offset, said)
		return nil
	}
	fmt.Fprint(c.out, said)
	return nil
}

// overruled says that the files' definition of a table does not count, as the log's own CREATE TABLE is another.
func (c *comparison) overruled(ref schema.Ref) string {
	_, created, _ := c.tables.LastChange(dump.Name{Database: ref.Database, Table: ref.Table})
	if !created || c.files == nil {
		return ""
	}
	of, err := c.files.Table(c.ctx, ref)
	if err != nil {
		return ""
	}
	if err = schema.Verify(of, ref.Map); err == nil {
		return ""
	}
	c.disagrees = true
	return fmt.Sprintf("%s, %s:%d: %s; what the log creates is used instead:\n",
		tableName(ref.Map), printable(ref.Pos.File), ref.Pos.Offset, printable(err.Error()))
}

// follow takes a statement of the log.
func (c *comparison) follow(e *decoder.Event) error {
	st, ok, err := changes.ReadStatement(e)
	if err != nil || !ok {
		return err
	}
	c.seen.Clear()
	if err := c.tables.Apply(st.Pos, st.Statement); err != nil {
		c.disagrees = true
		fmt.Fprintln(c.out, printable(err.Error()))
	}
	return nil
}

// tableText names a table and where its definition is from, and its unique keys, each on a line.
func tableText(t *schema.Table) string {
	if t == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  (%s, from %s)\n", printable(qualified(t)), count(len(t.Columns), "column"), printable(t.Source))
	for _, k := range t.Keys {
		var parts []string
		for _, p := range k.Parts {
			parts = append(parts, describePart(t, &p))
		}
		fmt.Fprintf(&b, "  %s (%s)\n", printable(k.Name), strings.Join(parts, ", "))
	}
	if len(t.Keys) == 0 {
		fmt.Fprintln(&b, "  no unique key")
	}
	return b.String()
}

func describePart(t *schema.Table, p *schema.KeyPart) string {
	switch {
	case p.Column < 0:
		return "(" + printable(p.Expr) + ")"
	case p.Prefix > 0:
		return fmt.Sprintf("%s(%d)", printable(t.Columns[p.Column].Name), p.Prefix)
	}
	return printable(t.Columns[p.Column].Name)
}

func qualified(t *schema.Table) string {
	if t.Database == "" {
		return t.Name
	}
	return t.Database + "." + t.Name
}
