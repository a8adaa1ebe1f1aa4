package stats_test

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"binmend/emit/stats"
	"binmend/fixtures/golden"
)

// TestFieldsOnlyGrow: programs read the JSON form. A field that is there stays, with its type.
func TestFieldsOnlyGrow(t *testing.T) {
	const file = "testdata/fields.txt"
	got := fields("", reflect.TypeFor[stats.Report]())
	if golden.Updating() {
		if err := os.WriteFile(file, []byte(strings.Join(got, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, field := range want {
		if !slices.Contains(got, field) {
			t.Errorf("%s is not there any more: that needs a new Version", field)
		}
	}
	for _, field := range got {
		if !slices.Contains(want, field) {
			t.Errorf("%s is new: write it down with -update", field)
		}
	}
}

// fields lists the fields of a struct as JSON has them, with their types.
func fields(path string, of reflect.Type) (list []string) {
	for _, f := range reflect.VisibleFields(of) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			continue // embedded: its fields follow
		}
		typ, suffix := f.Type, ""
		for typ.Kind() == reflect.Slice || typ.Kind() == reflect.Pointer {
			if typ.Kind() == reflect.Slice {
				suffix = "[]"
			}
			typ = typ.Elem()
		}
		if typ.Kind() == reflect.Struct && typ != reflect.TypeFor[time.Time]() {
			list = append(list, fields(path+name+suffix+".", typ)...)
			continue
		}
		list = append(list, path+name+suffix+" "+typ.String())
	}
	return list
}
