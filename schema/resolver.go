package schema

import (
	"context"

	"binmend/decoder"
)

// Ref names the table that a row event speaks of.
type Ref struct {
	Database, Table string
	Map             *decoder.TableMap // what the log says of it; nil when only the name is known
	Pos             decoder.Position  // of the table map, for messages
}

// Resolver finds table definitions. A table that it doesn't know, or knows to be wrong, is an error that says what to do.
type Resolver interface {
	Table(context.Context, Ref) (*Table, error)
}
