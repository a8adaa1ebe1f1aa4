package dump

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"unsafe"

	"binmend/schema"
	"binmend/schema/lexer"
)

// Packed is a definition in a few bytes for each column, a twentieth of what it takes in use: a log may define thousands of tables without
// a row that anyone wants.
type Packed struct {
	words    string   // what the definition was packed into
	sequence sequence // where there are no words
	name     Name
	source   string
	foreign  []schema.ForeignKey
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
	case d.isSequence():
		p.sequence = sequenceOf(d.Table)
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
		d := &Definition{Table: p.sequence.table()}
		d.Table.Database, d.Table.Name, d.Table.Source = p.name.Database, p.name.Table, p.source
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
	return unpack(d.packed)
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
	return int(unsafe.Sizeof(*p)) + len(p.words) + len(p.sequence.engine) + len(p.source) + len(p.foreign)*int(unsafe.Sizeof(schema.ForeignKey{}))
}

// References is the name of the table with its foreign keys only.
func (p *Packed) References() *schema.Table {
	return &schema.Table{Database: p.name.Database, Name: p.name.Table, ForeignKeys: p.foreign}
}

// pack writes a definition: each of its fields as a number, and texts behind theirs. Numbers that are 0 are nearly all, so one of them
// stands for all in a row, with their number behind it; a text that was there before is its place among them.
func pack(d *definition) string {
	p := packer{known: map[string]int{}}
	d.code(&p)
	return string(p.out)
}

// unpack reads what pack has written. Its texts are parts of the packed one.
func unpack(packed string) *definition {
	var d definition
	d.code(&unpacker{in: packed})
	return &d
}

// coder passes over the fields of a structure: a packer reads them, an unpacker sets those of an empty one.
type coder interface {
	number(*uint64)
	text(*string)
}

type packer struct {
	out   []byte
	zeros uint64 // that are not written yet
	known map[string]int
}

func (p *packer) number(n *uint64) {
	if *n == 0 {
		p.zeros++
		return
	}
	if p.zeros > 0 {
		p.out = binary.AppendUvarint(append(p.out, 0), p.zeros)
		p.zeros = 0
	}
	p.out = binary.AppendUvarint(p.out, *n)
}

// text writes 0 for no text, twice the length of a new one, or twice the place of a known one and 1.
func (p *packer) text(s *string) {
	place, isKnown := p.known[*s]
	n := 2 * uint64(len(*s))
	if isKnown {
		n = 2*uint64(place) + 1
	}
	p.number(&n)
	if !isKnown && n > 0 {
		p.known[*s] = len(p.known)
		p.out = append(p.out, *s...)
	}
}

type unpacker struct {
	in    string
	zeros uint64 // that are still to come before what is in
	known []string
}

func (u *unpacker) number(n *uint64) {
	switch {
	case u.zeros > 0:
		u.zeros--
	case u.in == "": // only zeros are left
	default:
		if *n = u.next(); *n == 0 {
			u.zeros = u.next() - 1
		}
	}
}

func (u *unpacker) next() (n uint64) {
	for shift := 0; ; shift += 7 {
		b := u.in[0]
		u.in = u.in[1:]
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
}

func (u *unpacker) text(s *string) {
	var n uint64
	u.number(&n)
	switch {
	case n == 0:
	case n%2 == 1:
		*s = u.known[n/2]
	default:
		*s, u.in = u.in[:n/2], u.in[n/2:]
		u.known = append(u.known, *s)
	}
}

func codeTexts(c coder, texts ...*string) {
	for _, s := range texts {
		c.text(s)
	}
}

// codeFlags codes up to 64 flags as the bits of a number.
func codeFlags(c coder, flags ...*bool) {
	var bits uint64
	for i, f := range flags {
		if *f {
			bits |= 1 << i
		}
	}
	c.number(&bits)
	for i, f := range flags {
		*f = bits>>i&1 == 1
	}
}

func codeKind[T ~uint8](c coder, v *T) {
	n := uint64(*v)
	c.number(&n)
	*v = T(n)
}

func codeInt(c coder, v *int) {
	n := uint64(*v<<1) ^ uint64(*v>>63)
	c.number(&n)
	*v = int(n>>1) ^ -int(n&1)
}

// codeList codes a slice: its length and 1, 0 for nil, and its elements.
func codeList[T any](c coder, list *[]T, element func(coder, *T)) {
	var n uint64
	if *list != nil {
		n = uint64(len(*list)) + 1
	}
	if c.number(&n); n > 0 && *list == nil {
		*list = make([]T, n-1)
	}
	for i := range *list {
		element(c, &(*list)[i])
	}
}

func (d *definition) code(c coder) {
	codeList(c, &d.columns, codeColumn)
	codeList(c, &d.keys, codeKey)
	codeList(c, &d.foreign, codeForeignKey)
	o := &d.options
	codeTexts(c, &o.engine, &o.rowFormat, &o.charset, &o.collation)
	codeFlags(c, &o.versioned)
}

func codeColumn(c coder, d *columnDefinition) {
	codeTexts(c, &d.Name, &d.Charset, &d.Collation, &d.Expr, &d.GeometryOf)
	codeKind(c, &d.Type)
	codeInt(c, &d.Length)
	codeInt(c, &d.Decimals)
	codeFlags(c, &d.Unsigned, &d.Zerofill, &d.Nullable, &d.AutoIncrement, &d.Invisible, &d.Compressed, &d.Local, &d.SystemTime, &d.RowEnd, &d.OnUpdate,
		&d.null, &d.json)
	codeList(c, &d.Members, coder.text)
	codeKind(c, &d.Generated)
	codeList(c, &d.Inputs, codeInt)
	codeDefault(c, &d.Default)
	codeLifted(c, &d.lifted)
	codeKind(c, &d.key)
	foreign := []schema.ForeignKey(nil)
	if d.foreign != nil {
		foreign = []schema.ForeignKey{*d.foreign}
	}
	if codeList(c, &foreign, codeForeignKey); foreign != nil && d.foreign == nil {
		d.foreign = &foreign[0]
	}
}

func codeLifted(c coder, l *lifted) {
	codeTexts(c, &l.name, &l.geometry, &l.charset, &l.collation)
	codeKind(c, &l.typ)
	codeKind(c, &l.generated)
	codeList(c, &l.expr, codeToken)
	codeFlags(c, &l.binary, &l.invisible, &l.compressed, &l.systemTime, &l.rowEnd, &l.recoded, &l.versioned, &l.inPeriod, &l.onUpdate)
	codeDefault(c, &l.def)
}

func codeDefault(c coder, d *schema.Default) {
	codeKind(c, &d.Kind)
	c.text(&d.Text)
}

func codeToken(c coder, t *lexer.Token) {
	codeKind(c, &t.Kind)
	c.text(&t.Text)
	codeInt(c, &t.Start)
	codeInt(c, &t.End)
}

func codeKey(c coder, k *keyDefinition) {
	c.text(&k.name)
	codeKind(c, &k.kind)
	codeFlags(c, &k.overlaps)
	codeList(c, &k.parts, codePart)
}

func codePart(c coder, p *partDefinition) {
	c.text(&p.column)
	codeInt(c, &p.prefix)
	codeList(c, &p.expr, codeToken)
}

func codeForeignKey(c coder, f *schema.ForeignKey) {
	codeTexts(c, &f.Name, &f.ReferencedTable, &f.OnDelete, &f.OnUpdate)
	codeList(c, &f.Columns, coder.text)
	codeList(c, &f.ReferencedColumns, coder.text)
}
