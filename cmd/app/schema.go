package app

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/find"
	"binmend/decoder/txn"
	"binmend/schema"
	"binmend/schema/dump"
)

// schemaHint tells how to come by table definitions.
const schemaHint = "give --schema FILE, made on the replica by: mysqldump --no-data --databases DB > schema.sql"

func (r *session) schemaCommand() *cli.Command {
	return &cli.Command{
		Name:      "schema",
		Usage:     "show what was understood of the table definitions",
		ArgsUsage: "--schema FILE [LOG...]",
		Description: `  binmend schema --schema schema.sql
  binmend schema --schema schema.sql relay-bin.000002

Lists each table with its unique keys, and every part of the files that was not
understood. With logs: the tables whose rows are in them, and where a definition
disagrees with the log. Exit code 1 when there is anything to look at.`,
		Flags:  append([]cli.Flag{schemaFlag()}, readFlags()...),
		Action: r.schema,
	}
}

func (r *session) schema(c *cli.Context) error {
	opener, err := openerOf(c)
	if err != nil {
		return err
	}
	logs := find.Logs{Names: c.Args().Slice(), Opener: opener}
	if len(c.StringSlice("schema")) == 0 && len(logs.Names) == 0 {
		return &usageError{text: "no --schema given", hint: schemaHint}
	}
	files, err := r.loadSchema(c)
	if err != nil {
		return err
	}
	if len(logs.Names) > 0 {
		return r.compare(files, logs)
	}
	for _, t := range files.Tables() {
		r.describeTable(t)
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
func (r *session) compare(files *dump.Schema, logs find.Logs) error {
	w, err := r.walk(logRange{logs: logs})
	if err != nil {
		return err
	}
	defer w.Close()
	c := comparison{session: r, resolver: withMetadata{files}, seen: map[*decoder.TableMap]bool{}, said: map[string]bool{}}
	if err := r.each(w, logRange{logs: logs}, c.add); err != nil {
		return err
	}
	if c.disagrees {
		return errReported
	}
	return nil
}

// comparison goes through the row events of logs.
type comparison struct {
	*session
	resolver  schema.Resolver
	seen      map[*decoder.TableMap]bool
	said      map[string]bool // servers repeat a table map for every statement, under new table ids
	disagrees bool
}

func (c *comparison) add(_ walker, e *decoder.Event, _ txn.Step) error {
	if !e.IsRows() {
		return nil
	}
	re, err := e.Rows()
	if err != nil || c.seen[re.Map] {
		return err
	}
	c.seen[re.Map] = true
	t, err := c.resolver.Table(c.ctx, schema.Ref{Database: re.Map.Database, Table: re.Map.Table, Map: re.Map, Pos: e.Pos})
	if err == nil {
		err = schema.Verify(t, re.Map)
	}
	said := tableName(re.Map)
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
	c.describeTable(t)
	return nil
}

// describeTable prints a table's columns, each on a line, and its unique keys.
func (r *session) describeTable(t *schema.Table) {
	fmt.Fprintf(r.out, "%s  (%s, from %s)\n", printable(qualified(t)), count(len(t.Columns), "column"), printable(t.Source))
	for _, k := range t.Keys {
		var parts []string
		for _, p := range k.Parts {
			parts = append(parts, describePart(t, &p))
		}
		fmt.Fprintf(r.out, "  %s (%s)\n", printable(k.Name), strings.Join(parts, ", "))
	}
	if len(t.Keys) == 0 {
		fmt.Fprintln(r.out, "  no unique key")
	}
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
