package dump

import (
	"binmend/decoder"
	"binmend/schema"
)

// dialect is what the same words mean on another server. A dump is in the words that all servers agree on; a log has the
// statements of its own.
type dialect struct {
	jsonIsText      bool // MariaDB: JSON is LONGTEXT
	timestampNotNil bool // TIMESTAMP is NOT NULL unless it says NULL: without explicit_defaults_for_timestamp
}

// dialectOf is the dialect of a server with its default settings.
func dialectOf(v decoder.Version) dialect {
	if v.Flavor == decoder.MariaDB {
		return dialect{jsonIsText: true, timestampNotNil: !v.AtLeast(10, 10, 0)}
	}
	return dialect{timestampNotNil: v.Text != "" && !v.AtLeast(8, 0, 2)}
}

// column completes a column as the parser understood it.
func (d dialect) column(c columnDefinition) columnDefinition {
	switch {
	case d.jsonIsText && c.Type == schema.TypeJSON:
		c.Type, c.json = schema.TypeLongText, true
	case d.timestampNotNil && c.Type == schema.TypeTimestamp && !c.null:
		c.Nullable = false
	}
	return c
}
