package repair

import (
	"context"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/schema"
	"binmend/schema/live"
	"binmend/schema/where"
)

// Violation is a CHECK of the replica that forbids rows which the source had: the source lacks it, or does not enforce it.
type Violation struct {
	Table  *schema.Table
	Name   string
	Origin plan.Origin // the first row
	Put    bool        // the plan puts the row: its statement fails. Else the applier does
}

// checks finds the rows that CHECKs of the replica forbid. What can't be told here of a condition is left to the servers.
type checks struct {
	replica *live.Server // nil: nobody is asked
	tables  map[*schema.Table][]check
	scratch where.Scratch
	found   []Violation
}

type check struct {
	name     string
	isBroken *where.Matcher
}

// unescaped is the text of a CHECK as it was given: information_schema has its strings with a character set, and quotes with a backslash.
var unescaped = strings.NewReplacer(`_utf8mb4\'`, `'`, `_utf8mb3\'`, `'`, `_latin1\'`, `'`, `\'`, `'`)

func (c *checks) of(ctx context.Context, t *schema.Table) ([]check, error) {
	all, known := c.tables[t]
	if known || c.replica == nil {
		return all, nil
	}
	list, err := c.replica.Checks(ctx, t)
	if err != nil {
		return nil, ctx.Err() // an account that can't see them: error 3819 names the one
	}
	for _, x := range list {
		condition, err := where.Parse("NOT (" + unescaped.Replace(x.Clause) + ")")
		if err != nil {
			continue
		}
		if m, ok, err := condition.For(t, decoder.MySQL); ok && err == nil {
			all = append(all, check{x.Name, m})
		}
	}
	if c.tables == nil {
		c.tables = map[*schema.Table][]check{}
	}
	c.tables[t] = all
	return all, nil
}

// addRow looks at a row that the applier writes, or the plan puts.
func (c *checks) addRow(ctx context.Context, t *schema.Table, cells []decoder.Cell, o plan.Origin, put bool) error {
	if c.replica == nil || len(cells) == 0 {
		return nil
	}
	all, err := c.of(ctx, t)
	if err != nil {
		return err
	}
	for _, x := range all {
		isKnown := slices.ContainsFunc(c.found, func(v Violation) bool { return v.Table == t && v.Name == x.name && v.Put == put })
		if isBroken, err := x.isBroken.Match(&c.scratch, &decoder.Row{After: cells}); err == nil && isBroken && !isKnown {
			c.found = append(c.found, Violation{t, x.name, o, put})
		}
	}
	return nil
}

// violations are those of the gathered rows and of a plan.
func (c *checks) violations(ctx context.Context, p *plan.Plan) ([]Violation, error) {
	for i := range p.Presences {
		x := &p.Presences[i]
		if err := c.addRow(ctx, x.Row.Table, x.Row.Cells, x.Origin, true); err != nil {
			return nil, err
		}
	}
	return c.found, nil
}
