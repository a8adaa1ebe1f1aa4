package dump

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"unsafe"

	"binmend/schema"
)

// Packed is a definition in a few bytes for each column, a twentieth of what it takes in use: a log may define thousands of tables
// of which no row is wanted.
type Packed struct {
	words, table string // what each was packed into; table only where there are no words
	name         Name
	source       string
	foreign      []schema.ForeignKey
}

// Pack packs a definition. ok is false for one that would not come out again as it is.
func (d *Definition) Pack() (p Packed, ok bool) {
	p = Packed{name: Name{d.Table.Database, d.Table.Name}, source: d.Table.Source, foreign: d.Table.ForeignKeys}
	switch {
	case d.packed != "":
		p.words = d.packed
		return p, true
	case d.words != nil:
		p.words = pack(d.words)
	case d.Table.Doubt == nil:
		p.table = pack(d.Table)
	default:
		return p, false
	}
	again, err := p.unpack()
	if err != nil || d.IsOpen() || d.KeysLost || d.DefaultLost || !reflect.DeepEqual(again.Table, d.Table) {
		return Packed{}, false
	}
	p.foreign = again.Table.ForeignKeys
	return p, true
}

// Definition is what was packed.
func (p *Packed) Definition() *Definition {
	d, err := p.unpack()
	if err != nil {
		panic(fmt.Sprintf("%s: %v", p.name, err)) // Pack has tried it
	}
	return d
}

func (p *Packed) unpack() (*Definition, error) {
	if p.words == "" {
		d := &Definition{Table: &schema.Table{}}
		unpack(p.table, d.Table)
		return d, nil
	}
	d := &Definition{packed: p.words}
	words := d.definition()
	t, err := buildTable(words, words.inherited())
	if err != nil {
		return nil, err
	}
	t.Database, t.Name, t.Source = p.name.Database, p.name.Table, p.source
	d.Table = t
	return d, nil
}

// definition is what the table was made of, for statements that change it; nil where that is not known.
func (d *Definition) definition() *definition {
	if d.words != nil || d.packed == "" {
		return d.words
	}
	var words definition
	unpack(d.packed, &words)
	return &words
}

// Size is about how many bytes of memory it takes.
func (d *Definition) Size() int {
	n := d.Table.Size() + len(d.packed)
	if d.words != nil {
		n += len(d.words.columns) * int(unsafe.Sizeof(columnDefinition{}))
	}
	return n
}

// Size is about how many bytes of memory it takes.
func (p *Packed) Size() int {
	return int(unsafe.Sizeof(*p)) + len(p.words) + len(p.table) + len(p.source) + len(p.foreign)*int(unsafe.Sizeof(schema.ForeignKey{}))
}

// References is the name of the table with its foreign keys only.
func (p *Packed) References() *schema.Table {
	return &schema.Table{Database: p.name.Database, Name: p.name.Table, ForeignKeys: p.foreign}
}

// pack writes a structure with all in it. Of a struct there are the numbers of the fields that are not empty, as bits, and then these
// fields; of a slice the length and one, 0 for nil; of a pointer the same of one value. A text that was there before is its number.
func pack[T any](of *T) string {
	p := packer{known: map[string]int{}}
	p.add(reflect.ValueOf(of).Elem())
	return string(p.out)
}

type packer struct {
	out   []byte
	known map[string]int
}

func (p *packer) number(n uint64) { p.out = binary.AppendUvarint(p.out, n) }

func (p *packer) add(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		var filled uint64
		for i := range v.NumField() {
			if !v.Field(i).IsZero() {
				filled |= 1 << i
			}
		}
		p.number(filled)
		for i := range v.NumField() {
			if filled>>i&1 == 1 {
				p.add(v.Field(i))
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			p.number(0)
			return
		}
		p.number(uint64(v.Len()) + 1)
		for i := range v.Len() {
			p.add(v.Index(i))
		}
	case reflect.Pointer:
		if v.IsNil() {
			p.number(0)
			return
		}
		p.number(1)
		p.add(v.Elem())
	case reflect.String:
		p.text(v.String())
	case reflect.Bool:
		p.number(map[bool]uint64{true: 1}[v.Bool()])
	case reflect.Int:
		p.out = binary.AppendVarint(p.out, v.Int())
	default:
		p.number(v.Uint())
	}
}

// text writes the length and one and the text, or 0 and the number of an equal text.
func (p *packer) text(s string) {
	if n, ok := p.known[s]; ok {
		p.number(0)
		p.number(uint64(n))
		return
	}
	p.known[s] = len(p.known)
	p.number(uint64(len(s)) + 1)
	p.out = append(p.out, s...)
}

// unpack reads what pack has written. Its texts are parts of the packed one.
func unpack[T any](packed string, to *T) {
	u := unpacker{in: packed}
	u.fill(reflect.ValueOf(to).Elem())
}

type unpacker struct {
	in    string
	known []string
}

func (u *unpacker) number() (n uint64) {
	for shift := 0; ; shift += 7 {
		b := u.in[0]
		u.in = u.in[1:]
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
}

func (u *unpacker) fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		filled := u.number()
		for i := range v.NumField() {
			if filled>>i&1 == 1 {
				field := v.Field(i) // the package's own types have fields that reflect does not set
				u.fill(reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem())
			}
		}
	case reflect.Slice:
		if n := int(u.number()); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			if texts, ok := v.Interface().([]string); ok {
				for i := range texts {
					texts[i] = u.text()
				}
				return
			}
			for i := range n - 1 {
				u.fill(v.Index(i))
			}
		}
	case reflect.Pointer:
		if u.number() == 1 {
			v.Set(reflect.New(v.Type().Elem()))
			u.fill(v.Elem())
		}
	case reflect.String:
		v.SetString(u.text())
	case reflect.Bool:
		v.SetBool(u.number() == 1)
	case reflect.Int:
		n := u.number()
		v.SetInt(int64(n>>1) ^ -int64(n&1))
	default:
		v.SetUint(u.number())
	}
}

func (u *unpacker) text() string {
	n := u.number()
	if n == 0 {
		return u.known[u.number()]
	}
	s := u.in[:n-1]
	u.in = u.in[n-1:]
	u.known = append(u.known, s)
	return s
}
