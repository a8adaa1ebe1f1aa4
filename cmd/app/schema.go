package app

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/schema"
	"binmend/schema/dump"
)

func (r *session) schemaCommand() *cli.Command {
	return &cli.Command{
		Name:      "schema",
		Usage:     "show what was understood of the table definitions",
		ArgsUsage: "--schema FILE [flags]",
		Description: `  binmend schema --schema schema.sql

Lists each table with its unique keys, and every part of the files that was not
understood. A table that is not understood costs no other.`,
		Flags:  []cli.Flag{schemaFlag()},
		Action: r.schema,
	}
}

func (r *session) schema(c *cli.Context) error {
	if len(c.StringSlice("schema")) == 0 {
		return &usageError{text: "no --schema given", hint: "make one on the replica: mysqldump --no-data --databases DB > schema.sql"}
	}
	s, err := r.loadSchema(c)
	if err != nil {
		return err
	}
	for _, t := range s.Tables() {
		r.describeTable(t)
	}
	return r.report(s.Problems)
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

// report prints the problems and makes them a finding.
func (r *session) report(problems []*dump.Problem) error {
	for _, p := range problems {
		fmt.Fprintln(r.out, "not understood: "+printable(p.Error()))
	}
	if len(problems) > 0 {
		return errReported
	}
	return nil
}
