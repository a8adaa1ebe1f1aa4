package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"binmend/decoder"
	"binmend/decoder/words"
)

// collationTable lists the collation numbers below 1024 of MySQL 5.6 to 9.7 and MariaDB 10.11 and 11.8, as their
// information_schema tells them: a character set, then numbers and names without the character set. Where MySQL and
// MariaDB give a number different names (the croatian ones), MySQL's stands here; the character sets never differ.
const collationTable = `
armscii8 32 general_ci 64 bin
ascii 11 general_ci 65 bin
big5 1 chinese_ci 84 bin
binary 63 -
cp1250 26 general_ci 34 czech_cs 44 croatian_ci 66 bin 99 polish_ci
cp1251 14 bulgarian_ci 23 ukrainian_ci 50 bin 51 general_ci 52 general_cs
cp1256 57 general_ci 67 bin
cp1257 29 lithuanian_ci 58 bin 59 general_ci
cp850 4 general_ci 80 bin
cp852 40 general_ci 81 bin
cp866 36 general_ci 68 bin
cp932 95 japanese_ci 96 bin
dec8 3 swedish_ci 69 bin
eucjpms 97 japanese_ci 98 bin
euckr 19 korean_ci 85 bin
gb18030 248 chinese_ci 249 bin 250 unicode_520_ci
gb2312 24 chinese_ci 86 bin
gbk 28 chinese_ci 87 bin
geostd8 92 general_ci 93 bin
greek 25 general_ci 70 bin
hebrew 16 general_ci 71 bin
hp8 6 english_ci 72 bin
keybcs2 37 general_ci 73 bin
koi8r 7 general_ci 74 bin
koi8u 22 general_ci 75 bin
latin1 5 german1_ci 8 swedish_ci 15 danish_ci 31 german2_ci 47 bin 48 general_ci 49 general_cs 94 spanish_ci
latin2 2 czech_cs 9 general_ci 21 hungarian_ci 27 croatian_ci 77 bin
latin5 30 turkish_ci 78 bin
latin7 20 estonian_cs 41 general_ci 42 general_cs 79 bin
macce 38 general_ci 43 bin
macroman 39 general_ci 53 bin
sjis 13 japanese_ci 88 bin
swe7 10 swedish_ci 82 bin
tis620 18 thai_ci 89 bin
ucs2 35 general_ci 90 bin 128 unicode_ci 129 icelandic_ci 130 latvian_ci 131 romanian_ci 132 slovenian_ci
ucs2 133 polish_ci 134 estonian_ci 135 spanish_ci 136 swedish_ci 137 turkish_ci 138 czech_ci 139 danish_ci
ucs2 140 lithuanian_ci 141 slovak_ci 142 spanish2_ci 143 roman_ci 144 persian_ci 145 esperanto_ci 146 hungarian_ci
ucs2 147 sinhala_ci 148 german2_ci 149 croatian_ci 150 unicode_520_ci 151 vietnamese_ci 159 general_mysql500_ci
ucs2 640 croatian_ci 641 myanmar_ci 642 thai_520_w2
ujis 12 japanese_ci 91 bin
utf16 54 general_ci 55 bin 101 unicode_ci 102 icelandic_ci 103 latvian_ci 104 romanian_ci 105 slovenian_ci
utf16 106 polish_ci 107 estonian_ci 108 spanish_ci 109 swedish_ci 110 turkish_ci 111 czech_ci 112 danish_ci
utf16 113 lithuanian_ci 114 slovak_ci 115 spanish2_ci 116 roman_ci 117 persian_ci 118 esperanto_ci 119 hungarian_ci
utf16 120 sinhala_ci 121 german2_ci 122 croatian_ci 123 unicode_520_ci 124 vietnamese_ci 672 croatian_ci
utf16 673 myanmar_ci 674 thai_520_w2
utf16le 56 general_ci 62 bin
utf32 60 general_ci 61 bin 160 unicode_ci 161 icelandic_ci 162 latvian_ci 163 romanian_ci 164 slovenian_ci
utf32 165 polish_ci 166 estonian_ci 167 spanish_ci 168 swedish_ci 169 turkish_ci 170 czech_ci 171 danish_ci
utf32 172 lithuanian_ci 173 slovak_ci 174 spanish2_ci 175 roman_ci 176 persian_ci 177 esperanto_ci 178 hungarian_ci
utf32 179 sinhala_ci 180 german2_ci 181 croatian_ci 182 unicode_520_ci 183 vietnamese_ci 736 croatian_ci
utf32 737 myanmar_ci 738 thai_520_w2
utf8mb3 33 general_ci 76 tolower_ci 83 bin 192 unicode_ci 193 icelandic_ci 194 latvian_ci 195 romanian_ci
utf8mb3 196 slovenian_ci 197 polish_ci 198 estonian_ci 199 spanish_ci 200 swedish_ci 201 turkish_ci 202 czech_ci
utf8mb3 203 danish_ci 204 lithuanian_ci 205 slovak_ci 206 spanish2_ci 207 roman_ci 208 persian_ci 209 esperanto_ci
utf8mb3 210 hungarian_ci 211 sinhala_ci 212 german2_ci 213 croatian_ci 214 unicode_520_ci 215 vietnamese_ci
utf8mb3 223 general_mysql500_ci 576 croatian_ci 577 myanmar_ci 578 thai_520_w2 579 general1400_as_ci
utf8mb4 45 general_ci 46 bin 224 unicode_ci 225 icelandic_ci 226 latvian_ci 227 romanian_ci 228 slovenian_ci
utf8mb4 229 polish_ci 230 estonian_ci 231 spanish_ci 232 swedish_ci 233 turkish_ci 234 czech_ci 235 danish_ci
utf8mb4 236 lithuanian_ci 237 slovak_ci 238 spanish2_ci 239 roman_ci 240 persian_ci 241 esperanto_ci 242 hungarian_ci
utf8mb4 243 sinhala_ci 244 german2_ci 245 croatian_ci 246 unicode_520_ci 247 vietnamese_ci 255 0900_ai_ci
utf8mb4 256 de_pb_0900_ai_ci 257 is_0900_ai_ci 258 lv_0900_ai_ci 259 ro_0900_ai_ci 260 sl_0900_ai_ci 261 pl_0900_ai_ci
utf8mb4 262 et_0900_ai_ci 263 es_0900_ai_ci 264 sv_0900_ai_ci 265 tr_0900_ai_ci 266 cs_0900_ai_ci 267 da_0900_ai_ci
utf8mb4 268 lt_0900_ai_ci 269 sk_0900_ai_ci 270 es_trad_0900_ai_ci 271 la_0900_ai_ci 273 eo_0900_ai_ci
utf8mb4 274 hu_0900_ai_ci 275 hr_0900_ai_ci 277 vi_0900_ai_ci 278 0900_as_cs 279 de_pb_0900_as_cs 280 is_0900_as_cs
utf8mb4 281 lv_0900_as_cs 282 ro_0900_as_cs 283 sl_0900_as_cs 284 pl_0900_as_cs 285 et_0900_as_cs 286 es_0900_as_cs
utf8mb4 287 sv_0900_as_cs 288 tr_0900_as_cs 289 cs_0900_as_cs 290 da_0900_as_cs 291 lt_0900_as_cs 292 sk_0900_as_cs
utf8mb4 293 es_trad_0900_as_cs 294 la_0900_as_cs 296 eo_0900_as_cs 297 hu_0900_as_cs 298 hr_0900_as_cs
utf8mb4 300 vi_0900_as_cs 303 ja_0900_as_cs 304 ja_0900_as_cs_ks 305 0900_as_ci 306 ru_0900_ai_ci 307 ru_0900_as_cs
utf8mb4 308 zh_0900_as_cs 309 0900_bin 310 nb_0900_ai_ci 311 nb_0900_as_cs 312 nn_0900_ai_ci 313 nn_0900_as_cs
utf8mb4 314 sr_latn_0900_ai_ci 315 sr_latn_0900_as_cs 316 bs_0900_ai_ci 317 bs_0900_as_cs 318 bg_0900_ai_ci
utf8mb4 319 bg_0900_as_cs 320 gl_0900_ai_ci 321 gl_0900_as_cs 322 mn_cyrl_0900_ai_ci 323 mn_cyrl_0900_as_cs
utf8mb4 608 croatian_ci 609 myanmar_ci 610 thai_520_w2 611 general1400_as_ci
`

// binaryCollation is both the character set and the collation of binary strings.
const binaryCollation = "binary"

// numberedCollation is a collation and its character set by name.
type numberedCollation struct{ name, charset string }

// collations is collationTable by number.
var collations = sync.OnceValue(func() map[uint16]numberedCollation {
	byNumber := map[uint16]numberedCollation{}
	for line := range strings.Lines(strings.TrimSpace(collationTable)) {
		words := strings.Fields(line)
		charset := words[0]
		for i := 1; i+1 < len(words); i += 2 {
			number, err := strconv.ParseUint(words[i], 10, 16)
			if err != nil {
				continue // the test of the table would tell
			}
			name := charset + "_" + words[i+1]
			if charset == binaryCollation {
				name = binaryCollation
			}
			byNumber[uint16(number)] = numberedCollation{name, charset}
		}
	}
	return byNumber
})

// The numbers that MariaDB computes.
const (
	noPadFirst = 1024 // + the number of the collation that pads
	noPadEnd   = 2048
	uca1400    = 2048 // + character set * 256 + tailoring * 8 + no pad * 4 + accents * 2 + case
	uca1400End = uca1400 + 5*256
)

var (
	uca1400Charsets   = [...]string{"utf8mb3", "utf8mb4", "ucs2", "utf16", "utf32"}
	uca1400Tailorings = [...]string{
		"", "icelandic", "latvian", "romanian", "slovenian", "polish", "estonian", "spanish", "swedish",
		"turkish", "czech", "danish", "lithuanian", "slovak", "spanish2", "roman", "persian", "esperanto",
		"hungarian", "sinhala", "german2", "", "", "vietnamese", "croatian",
	}
)

// CollationByNumber names the collation and the character set that a table map gives by number.
func CollationByNumber(number uint16) (collation, charset string, ok bool) {
	if number >= uca1400 && number < uca1400End {
		return uca1400Collation(int(number) - uca1400)
	}
	if number >= noPadFirst && number < noPadEnd {
		base, found := collations()[number-noPadFirst]
		return noPadName(base.name), base.charset, found
	}
	c, found := collations()[number]
	return c.name, c.charset, found
}

// OtherCollations says which columns of a table's unique keys compare by another collation than the log's column in their place, as far as
// the log tells. Those of utf8mb3 and utf8mb4 are alike.
func (t *Table) OtherCollations(m *decoder.TableMap) (differences []string) {
	for i := range min(len(t.Columns), len(m.Columns)) {
		here := t.Columns[i].Collation
		there, _, ok := CollationByNumber(m.Columns[i].Collation)
		isOfKey := slices.ContainsFunc(t.Keys, func(k Key) bool {
			return slices.ContainsFunc(k.Parts, func(part KeyPart) bool { return part.Column == i })
		})
		if isOfKey && ok && here != "" && afterUTF8(here) != afterUTF8(there) {
			differences = append(differences, fmt.Sprintf("column %s of a unique key compares by %s, and by %s on the source", words.Quote(t.Columns[i].Name), here, there))
		}
	}
	return differences
}

// afterUTF8 is a collation's name without the character set, if that is UTF-8 of any length.
func afterUTF8(collation string) string {
	charset, name, _ := strings.Cut(collation, "_")
	if charset == "utf8" || charset == "utf8mb3" || charset == "utf8mb4" {
		return name
	}
	return collation
}

// noPadName inserts nopad before the last part of a collation's name.
func noPadName(name string) string {
	last := strings.LastIndexByte(name, '_')
	if last < 0 {
		return name
	}
	return name[:last] + "_nopad" + name[last:]
}

// uca1400Collation names one of MariaDB's UCA 14.0.0 collations (MariaDB source: ctype-uca1400.h).
func uca1400Collation(n int) (collation, charset string, ok bool) {
	charset = uca1400Charsets[n>>8]
	tailoring := n >> 3 & 31
	if tailoring >= len(uca1400Tailorings) || tailoring > 0 && uca1400Tailorings[tailoring] == "" {
		return "", "", false
	}
	name := charset + "_uca1400"
	if tailoring > 0 {
		name += "_" + uca1400Tailorings[tailoring]
	}
	if n&4 != 0 {
		name += "_nopad"
	}
	name += [...]string{"_ai_ci", "_ai_cs", "_as_ci", "_as_cs"}[n&3]
	return name, charset, true
}
