package dump

import (
	"reflect"
	"testing"

	"binmend/decoder"
	"binmend/schema"
)

// fillAll gives every field a value of its own.
func fillAll(v reflect.Value, next *int) {
	*next++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Field(i)
			fillAll(reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem(), next)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillAll(v.Index(0), next)
		fillAll(v.Index(1), next)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillAll(v.Elem(), next)
	case reflect.String:
		v.SetString(string(rune('a' + *next%400)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(int64(*next * (1 - *next%2*2)))
	default:
		v.SetUint(uint64(*next % 200))
	}
}

// TestPackKeepsEveryField: what is packed comes out as it was, whatever fields the types have.
func TestPackKeepsEveryField(t *testing.T) {
	var words definition
	n := 0
	fillAll(reflect.ValueOf(&words).Elem(), &n)
	for _, d := range []definition{words, {}, {columns: []columnDefinition{{}, {Column: schema.Column{Name: "a", Length: -1}}}, keys: []keyDefinition{}}} {
		if again := unpack(pack(&d)); !reflect.DeepEqual(d, *again) {
			t.Errorf("packed: %+v\nunpacked: %+v", d, *again)
		}
	}
}

// TestPackKeepsSequences: a sequence is packed, and comes out as it was.
func TestPackKeepsSequences(t *testing.T) {
	for _, sql := range []string{"CREATE SEQUENCE d.s", "CREATE SEQUENCE d.s AS SMALLINT UNSIGNED ENGINE=InnoDB"} {
		var made *Change
		err := NewParser().Parse(Statement{Server: decoder.Version{Flavor: decoder.MariaDB, Major: 11, Minor: 8}, SQL: sql}, func(c *Change) { made = c })
		if err != nil {
			t.Fatal(err)
		}
		d, err := made.Create(Encoding{}, "log")
		if err != nil {
			t.Fatal(err)
		}
		packed, ok := d.Pack()
		if !ok || !reflect.DeepEqual(packed.Definition(), d) {
			t.Errorf("%s: packed %v, %+v", sql, ok, packed)
		}
	}
}
