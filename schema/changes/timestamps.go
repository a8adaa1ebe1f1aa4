package changes

import (
	"context"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/track"
)

// ExplicitDefaults reports whether rows of the range prove that the source had explicit_defaults_for_timestamp=1, which logs of MySQL
// before 5.7 and MariaDB before 10.8.4 do not tell: a TIMESTAMP column of a table that the range creates takes NULL, though its
// statement does not say so. Only a restart of the source changes the variable there. Standard input can't be read twice, and logs
// that can't be read prove nothing.
func (s *Stream) ExplicitDefaults(ctx context.Context) bool {
	lr := s.lookAhead
	if len(lr.Names) == 0 || lr.HasStdin() {
		return false
	}
	w, err := lr.Shapes()
	if err != nil {
		return false
	}
	defer w.Close()
	tracker, made := track.New(nil, track.Start), false
	for ctx.Err() == nil {
		e, _, err := w.Next()
		if err != nil || e.Format.Server.LogsExplicitDefaults() {
			return false
		}
		if e.Type == decoder.EventTableMap && made {
			m, err := e.TableMap()
			if err == nil && takesNull(ctx, tracker, m) {
				return true
			}
			continue
		}
		if st, ok, err := ReadStatement(e); err == nil && ok {
			_, made = tracker.Apply(st.Pos, st.Statement), true
		}
	}
	return false
}

// takesNull reports whether a TIMESTAMP column that has to have a value by its definition may be NULL in the log.
func takesNull(ctx context.Context, tracker *track.Tracker, m *decoder.TableMap) bool {
	t, err := tracker.Table(ctx, schema.Ref{Database: m.Database, Table: m.Table})
	if err != nil || len(t.Columns) != len(m.Columns) {
		return false
	}
	for i := range t.Columns {
		c, logged := &t.Columns[i], &m.Columns[i]
		if c.Type == schema.TypeTimestamp && !c.Nullable && logged.Nullable && (logged.Type == decoder.TypeTimestamp || logged.Type == decoder.TypeTimestamp2) {
			return true
		}
	}
	return false
}
