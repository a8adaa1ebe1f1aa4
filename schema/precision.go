package schema

import (
	"context"

	"binmend/decoder"
)

// Precision tells the decoder the fraction digits of MariaDB's old temporal columns, which its table maps leave out, from
// the tables that r finds. For a table that r does not find it says none; reading the rows then needs the table anyway.
func Precision(ctx context.Context, r Resolver) decoder.Precision {
	return func(m *decoder.TableMap, column int) int {
		t, err := r.Table(ctx, Ref{Database: m.Database, Table: m.Table, Map: m})
		if err != nil || column >= len(t.Columns) {
			return 0
		}
		return t.Columns[column].Decimals
	}
}
