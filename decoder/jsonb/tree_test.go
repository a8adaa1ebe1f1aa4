package jsonb

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The model of a document in tests: nil, bool, int64, uint64, float64, string, opaque, []any or map[string]any.
type opaque struct {
	field   FieldType
	payload string
	text    string // as MySQL prints it
}

func modelNode(model any) node {
	switch m := model.(type) {
	case nil:
		return node{}
	case bool:
		if m {
			return node{value: Value{kind: True}}
		}
		return node{value: Value{kind: False}}
	case int64:
		return node{value: Value{kind: Int, data: binary.LittleEndian.AppendUint64(nil, uint64(m))}}
	case uint64:
		return node{value: Value{kind: Uint, data: binary.LittleEndian.AppendUint64(nil, m)}}
	case float64:
		return node{value: Value{kind: Double, data: binary.LittleEndian.AppendUint64(nil, math.Float64bits(m))}}
	case string:
		return node{value: Value{kind: String, data: []byte(m)}}
	case opaque:
		return node{value: Value{kind: Opaque, field: m.field, data: []byte(m.payload)}}
	case []any:
		n := node{value: Value{kind: Array}, opened: true}
		for _, element := range m {
			n.members = append(n.members, member{node: modelNode(element)})
		}
		return n
	case map[string]any:
		n := node{value: Value{kind: Object}, opened: true}
		for _, key := range modelKeys(m) {
			n.members = append(n.members, member{key: []byte(key), node: modelNode(m[key])})
		}
		return n
	}
	panic(fmt.Sprintf("no model: %T", model))
}

func modelKeys(m map[string]any) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
	return keys
}

// modelText is what MySQL prints for a model, by other means than those of the package.
func modelText(model any) string {
	switch m := model.(type) {
	case float64:
		return doubleText(m)
	case string:
		return quotedText(m)
	case opaque:
		return m.text
	case []any:
		var parts []string
		for _, element := range m {
			parts = append(parts, modelText(element))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for _, key := range modelKeys(m) {
			parts = append(parts, quotedText(key)+": "+modelText(m[key]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	text, err := json.Marshal(model)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func quotedText(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err)
	}
	return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.TrimSpace(b.String()))
}

// doubleText follows the rule of MySQL's my_gcvt by the digits and the place of the point.
func doubleText(f float64) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	sign, digits := "", strings.Replace(mantissa, ".", "", 1)
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	point, err := strconv.Atoi(exponent)
	if err != nil {
		panic(err)
	}
	point++
	switch {
	case f == 0:
		return sign + "0.0"
	case point < -14 || point > 15 && len(digits) <= point:
		if len(digits) > 1 {
			digits = digits[:1] + "." + digits[1:]
		}
		return fmt.Sprintf("%s%se%d", sign, digits, point-1)
	case point <= 0:
		return sign + "0." + strings.Repeat("0", -point) + digits
	case len(digits) <= point:
		return sign + digits + strings.Repeat("0", point-len(digits)) + ".0"
	}
	return sign + digits[:point] + "." + digits[point:]
}

func encodeModel(t interface {
	Helper()
	Fatalf(string, ...any)
}, model any) []byte {
	t.Helper()
	doc, err := appendDocument(nil, modelNode(model))
	if err != nil {
		t.Fatalf("encode %s: %v", modelText(model), err)
	}
	return doc
}

// modelOf draws documents. Its keys are few, so that diffs find them.
func modelOf(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kinds := 9
		if depth == 0 {
			kinds = 7
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return rapid.SampledFrom([]any{nil, true, false}).Draw(t, "literal")
		case 1:
			return rapid.OneOf(rapid.Int64(), rapid.Int64Range(-70000, 70000)).Draw(t, "int")
		case 2:
			return rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 70000)).Draw(t, "uint")
		case 3:
			return rapid.Float64().Filter(func(f float64) bool { return !math.IsInf(f, 0) }).Draw(t, "double")
		case 4:
			return rapid.String().Draw(t, "string")
		case 5:
			size := rapid.SampledFrom([]int{0, 1, 127, 128, 16383, 16384, 66000}).Draw(t, "length")
			return strings.Repeat("x", size)
		case 6:
			return drawOpaque(t)
		case 7:
			return rapid.SliceOfN(modelOf(depth-1), 0, 5).Draw(t, "array")
		}
		keys := rapid.OneOf(rapid.StringMatching(`[ab"\\ ]{0,2}`), rapid.String())
		return rapid.MapOfN(keys, modelOf(depth-1), 0, 5).Draw(t, "object")
	})
}

func drawOpaque(t *rapid.T) opaque {
	if rapid.Bool().Draw(t, "decimal") {
		whole := rapid.StringMatching(`[1-9][0-9]{0,29}`).Draw(t, "whole")
		fraction := rapid.StringMatching(`[0-9]{1,30}`).Draw(t, "fraction")
		sign := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign")
		return opaque{TypeNewDecimal, encodeDecimal(sign, whole, fraction), sign + whole + "." + fraction}
	}
	payload := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "payload")
	text := base64.StdEncoding.EncodeToString(payload)
	for at := 76; at < len(text); at += 76 + len(`\n`) {
		text = text[:at] + `\n` + text[at:]
	}
	return opaque{252, string(payload), `"base64:type252:` + text + `"`}
}

// encodeDecimal makes the payload of an opaque decimal.
func encodeDecimal(sign, whole, fraction string) string {
	payload := []byte{byte(len(whole) + len(fraction)), byte(len(fraction))}
	group := func(digits string) {
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil {
			panic(err)
		}
		size := map[int]int{1: 1, 2: 1, 3: 2, 4: 2, 5: 3, 6: 3, 7: 4, 8: 4, 9: 4}[len(digits)]
		payload = append(payload, binary.BigEndian.AppendUint32(nil, uint32(n))[4-size:]...)
	}
	for whole != "" {
		size := cmp.Or(len(whole)%9, 9)
		group(whole[:size])
		whole = whole[size:]
	}
	for fraction != "" {
		size := min(len(fraction), 9)
		group(fraction[:size])
		fraction = fraction[size:]
	}
	payload[2] ^= 0x80
	if sign != "" {
		for i := range payload[2:] {
			payload[2+i] ^= 0xff
		}
	}
	return string(payload)
}

// What is encoded prints as its model does, and is encoded the same again when it is read and every part of it opened.
func TestEncodeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := modelOf(4).Draw(t, "document")
		doc := encodeModel(t, model)
		text, err := AppendText([]byte("before "), doc)
		if err != nil {
			t.Fatalf("AppendText(%x): %v", doc, err)
		}
		if want := "before " + modelText(model); string(text) != want {
			t.Fatalf("document %x\n got %s\nwant %s", doc, text, want)
		}
		v, err := Parse(doc)
		if err != nil {
			t.Fatal(err)
		}
		root := node{value: v}
		openAll(&root)
		again, err := appendDocument(nil, root)
		if err != nil || string(again) != string(doc) {
			t.Fatalf("encoded again, %v\n got %x\nwant %x", err, again, doc)
		}
	})
}

func openAll(n *node) {
	n.open()
	for i := range n.members {
		openAll(&n.members[i].node)
	}
}

// The large format is used from the first value that does not fit in 65535 bytes, with all that is around it, and for
// nothing else.
func TestEncodeChoosesFormat(t *testing.T) {
	const overhead = 4 + 3 + 3 // sizes, an entry, and the length of the string
	for _, tc := range []struct {
		name  string
		model any
		want  []byte // types on the way to the string
	}{
		{"the largest small array", []any{strings.Repeat("x", 65535-overhead)}, []byte{typeSmallArray, typeString}},
		{"the smallest large array", []any{strings.Repeat("x", 65536-overhead)}, []byte{typeLargeArray, typeString}},
		{"a small array in a large one", []any{[]any{strings.Repeat("x", 60000)}, strings.Repeat("y", 60000)},
			[]byte{typeLargeArray, typeSmallArray, typeString}},
		{"a large array makes all around it large", []any{[]any{[]any{strings.Repeat("x", 66000)}}},
			[]byte{typeLargeArray, typeLargeArray, typeLargeArray, typeString}},
		{"an object too", map[string]any{"k": []any{strings.Repeat("x", 66000)}},
			[]byte{typeLargeObject, typeLargeArray, typeString}},
	} {
		doc := encodeModel(t, tc.model)
		got := []byte{doc[0]}
		for v := mustParse(t, doc); v.Len() > 0; v = v.Element(0) {
			typ, _, _ := v.slot(v.entries(), 0)
			got = append(got, typ)
		}
		if string(got) != string(tc.want) {
			t.Errorf("%s: types %x, want %x", tc.name, got, tc.want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	nested := any(nil)
	for range maxDepth + 1 {
		nested = []any{nested}
	}
	for name, model := range map[string]any{
		"a depth of 101": nested,
		"a long key":     map[string]any{strings.Repeat("k", 65536): nil},
	} {
		if doc, err := appendDocument([]byte("kept"), modelNode(model)); err == nil || string(doc) != "kept" {
			t.Errorf("%s: %d bytes and error %v", name, len(doc), err)
		}
	}
}

func mustParse(t testing.TB, doc []byte) Value {
	t.Helper()
	v, err := Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
