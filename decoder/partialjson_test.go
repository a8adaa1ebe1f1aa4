package decoder_test

import (
	"fmt"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/jsonb"
	"binmend/fixtures/servers"
)

// change is a JSON value before and after an update.
type change struct {
	column        int
	before, after decoder.Cell
}

// jsonChecks compares what the decoder makes of partial JSON updates with the calls that mysqlbinlog prints for them.
// Where the decoder has the whole document, a server runs the call on the document before.
type jsonChecks struct {
	calls []jsonCall
}

type jsonCall struct {
	pos       decoder.Position
	sql, want string
}

// take compares a line that mysqlbinlog printed for a value; it says whether they agree as far as can be told so far.
func (j *jsonChecks) take(pos decoder.Position, c *change, line string) bool {
	call, ok := strings.CutPrefix(line, fmt.Sprintf("###   @%d=", c.column))
	if !ok {
		return false
	}
	call, _, _ = strings.Cut(call, " nullable=")
	variable := fmt.Sprintf("@%d", c.column)
	switch {
	case call == variable:
		return c.after.State() == decoder.Value && text(c.before) == text(c.after) // the bytes may be another form of it
	case c.after.State() == decoder.Diffs:
		return call == callOf(variable, c.after.Raw())
	case c.after.State() != decoder.Value || c.before.State() != decoder.Value:
		return false
	}
	document := fmt.Sprintf("CAST(CONVERT(x'%x' USING utf8mb4) AS JSON)", text(c.before))
	j.calls = append(j.calls, jsonCall{pos, strings.ReplaceAll(call, variable+",", document+","), text(c.after)})
	return true
}

// callOf prints diffs as mysqlbinlog does: one call for diffs in a row that do the same, around the call before it.
func callOf(variable string, diffs []byte) string {
	call, last := variable, ""
	for d, err := range jsonb.Diffs(diffs) {
		if err != nil {
			return err.Error()
		}
		argument := string(quoteMySQL(nil, d.Path))
		if d.Operation != jsonb.Remove {
			argument += ", " + argumentOf(d.Value)
		}
		if name := "JSON_" + d.Operation.String(); name != last {
			call, last = name+"("+call+")", name
		}
		call = strings.TrimSuffix(call, ")") + ", " + argument + ")"
	}
	return call
}

func argumentOf(v jsonb.Value) string {
	switch v.Kind() {
	case jsonb.String:
		return string(quoteMySQL(nil, v.Bytes()))
	case jsonb.Array, jsonb.Object:
		return "CAST(" + string(quoteMySQL(nil, v.AppendText(nil))) + " AS JSON)"
	}
	return string(v.AppendText(nil))
}

// check runs the calls on a server.
func (j *jsonChecks) check(t *testing.T) {
	t.Helper()
	if len(j.calls) == 0 {
		return
	}
	s := servers.Shared(t, servers.MySQL97, servers.Options{})
	for _, c := range j.calls {
		var got string
		if err := s.DB().QueryRow("SELECT " + c.sql).Scan(&got); err != nil {
			t.Errorf("%s: %s: %v", c.pos, c.sql, err)
			continue
		}
		if got != c.want {
			t.Errorf("%s: %.300s\n  ours   %.300q\n  theirs %.300q", c.pos, c.sql, c.want, got)
		}
	}
}
