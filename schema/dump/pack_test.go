package dump

import (
	"reflect"
	"testing"

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
	var words, again definition
	n := 0
	fillAll(reflect.ValueOf(&words).Elem(), &n)
	if unpack(pack(&words), &again); !reflect.DeepEqual(words, again) {
		t.Errorf("packed: %+v\nunpacked: %+v", words, again)
	}
	sequence := schema.Table{Database: "d", Name: "s", Columns: []schema.Column{{Name: "a", Length: -1}}}
	var read schema.Table
	if unpack(pack(&sequence), &read); !reflect.DeepEqual(sequence, read) {
		t.Errorf("packed: %+v\nunpacked: %+v", sequence, read)
	}
}
