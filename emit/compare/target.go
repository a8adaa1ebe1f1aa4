package compare

import (
	"context"

	"binmend/emit/probe"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/live"
	"binmend/schema/replica"
)

// target is the replica that is compared.
type target interface {
	probe.Server
	Status(ctx context.Context) ([]*replica.Status, error)
	AppliesInOrder(ctx context.Context) (bool, error)

	// Scan reads some columns of a table's rows; rest is the SQL after the table's name. Each row is valid until yield returns.
	Scan(ctx context.Context, t *schema.Table, columns []int, rest string, yield func(*sqltext.Stored) error) error
	// Definitions are its current tables, and the definitions for tables as they were when rows were logged.
	Definitions() (schema.Resolver, func() *changes.Definitions)
}

type prober = probe.Server

// liveTarget is a running server.
type liveTarget struct {
	prober
	*live.Server
	dialect sqltext.Dialect
}

func (r *liveTarget) Definitions() (schema.Resolver, func() *changes.Definitions) {
	tables := r.Tables()
	return tables, func() *changes.Definitions { return &changes.Definitions{Live: tables} }
}

func (r *liveTarget) Scan(ctx context.Context, t *schema.Table, columns []int, rest string, yield func(*sqltext.Stored) error) error {
	d := r.dialect
	sql := []byte("SELECT ")
	for i, ordinal := range columns {
		if i > 0 {
			sql = append(sql, ", "...)
		}
		sql = d.AppendFetch(sql, &t.Columns[ordinal])
	}
	sql = append(d.AppendTable(append(sql, " FROM "...), t), rest...)
	row := sqltext.Stored{Table: t, Literals: make([][]byte, len(t.Columns))}
	return r.Select(ctx, string(sql), func(values [][]byte) (err error) {
		for i, ordinal := range columns {
			if row.Literals[ordinal], err = d.AppendStored(row.Literals[ordinal][:0], &t.Columns[ordinal], values[i]); err != nil {
				return err
			}
		}
		return yield(&row)
	})
}
