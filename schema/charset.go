package schema

import "strings"

// maxBytes is the length of the longest character in bytes, for character sets where it is not 1.
var maxBytes = map[string]int{
	"utf8mb4": 4, "utf8mb3": 3, "utf16": 4, "utf16le": 4, "utf32": 4, "ucs2": 2, "gb18030": 4, "gbk": 2, "gb2312": 2,
	"big5": 2, "sjis": 2, "cp932": 2, "euckr": 2, "ujis": 3, "eucjpms": 3,
}

// MaxBytes is how many bytes one character of the character set can take; 1 for an unknown one.
func MaxBytes(charset string) int {
	if n, ok := maxBytes[charset]; ok {
		return n
	}
	return 1
}

// NormalCharset is the one name that this project uses for a character set: in lower case, and utf8mb3 for the utf8 of
// servers that call it so.
func NormalCharset(name string) string {
	name = strings.ToLower(name)
	if name == "utf8" {
		return "utf8mb3"
	}
	return name
}

// NormalCollation is the one name that this project uses for a collation: in lower case, utf8mb3_… for utf8_….
func NormalCollation(name string) string {
	name = strings.ToLower(name)
	if rest, ok := strings.CutPrefix(name, "utf8_"); ok {
		return "utf8mb3_" + rest
	}
	return name
}

// CollationCharset is the character set of a collation, by its name: "utf8mb4" of utf8mb4_0900_ai_ci. It is "" for
// MariaDB's names that fit several character sets (uca1400_ai_ci).
func CollationCharset(collation string) string {
	charset, _, _ := strings.Cut(NormalCollation(collation), "_")
	if strings.HasPrefix(charset, "uca") {
		return ""
	}
	return charset
}
