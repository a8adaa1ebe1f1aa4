package statement

import "bytes"

// SavepointName is the name in SAVEPOINT, ROLLBACK TO and RELEASE SAVEPOINT, which end in it. Servers write these themselves, and quote the
// name as their session's sql_mode does: "a" under ANSI_QUOTES (MySQL source: append_identifier).
func SavepointName(sql []byte, context Context) []byte {
	var last []byte
	for s := NewScanner(sql, context); ; {
		t := s.Next()
		if t.Kind == End {
			return last
		}
		if name, ok := s.Name(t); ok {
			last = name
		}
	}
}

// WithPlainSavepoint is such a statement as it reads under every sql_mode.
func WithPlainSavepoint(sql []byte, context Context) []byte {
	at := bytes.IndexByte(sql, '"')
	if at < 0 || context.SQLMode&ANSIQuotes == 0 {
		return sql
	}
	name := bytes.ReplaceAll(SavepointName(sql, context), []byte{'`'}, []byte("``"))
	return append(append(append(bytes.Clone(sql[:at]), '`'), name...), '`')
}
