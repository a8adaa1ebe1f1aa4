package export

import (
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/schema"
)

// TestJSONNull: the document null is told from NULL.
func TestJSONNull(t *testing.T) {
	of := &decoder.Column{Type: decoder.TypeJSON}
	columns := []schema.Column{{Name: `a"b`, Type: schema.TypeJSON}, {Name: "b", Type: schema.TypeJSON}, {Name: "c", Type: schema.TypeJSON}, {Name: "d", Type: schema.TypeJSON}}
	row := decoder.Row{After: []decoder.Cell{decoder.NewCell(of, []byte{4, 0}), decoder.NullCell(of), decoder.NewCell(of, nil), decoder.NewCell(of, []byte{4, 1})}}
	var l jsonLines
	got, err := l.appendLine(nil, &record{}, newJSONTable(&schema.Table{Columns: columns}), &row)
	want := `"after":{"a\"b":null,"b":null,"c":null,"d":true},"json_null":["after.a\"b","after.c"]}` + "\n"
	if err != nil || !strings.HasSuffix(string(got), want) {
		t.Errorf("%s, %v, want …%s", got, err, want)
	}
}
