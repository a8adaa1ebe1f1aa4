package schema_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"binmend/fixtures/servers"
	"binmend/schema"
)

var updateCharsets = flag.Bool("update-charsets", false, "write charsets.txt anew from what the servers say")

// TestCharactersAreTheServers holds what is read of every code of every character set against the conversion of the servers. Where one
// of them knows no character none may be read.
func TestCharactersAreTheServers(t *testing.T) {
	known := map[string]map[string]string{} // by character set and code; "" where servers differ
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB118} {
		s := servers.Shared(t, line, servers.Options{})
		s.MustExec(t, "SET sql_log_bin = 0; CREATE DATABASE codes; CREATE TABLE codes.c (b VARBINARY(4) PRIMARY KEY) ENGINE=InnoDB;\n"+insertCodes())
		for _, charset := range charsetsOf(t, s) {
			codes := readCodes(t, s, charset)
			for code, before := range known[charset] {
				if codes[code] != before {
					codes[code] = ""
				}
			}
			known[charset] = codes
		}
	}
	if *updateCharsets {
		if err := os.WriteFile("charsets.txt", []byte(charsetsFile(known)), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Skip("charsets.txt is written; run the test again")
	}
	for charset, codes := range known {
		compareCodes(t, charset, codes)
	}
}

// insertCodes puts all codes of one to three bytes that a character set may have, and some of four, into a table.
func insertCodes() string {
	var codes []string
	for i := range 256 {
		codes = append(codes, fmt.Sprintf("x'%02X'", i))
		for j := range 256 {
			if i >= 0x80 {
				codes = append(codes, fmt.Sprintf("x'%02X%02X'", i, j))
			}
			if i > 0x80 && j > 0x80 {
				codes = append(codes, fmt.Sprintf("x'8F%02X%02X'", i, j))
			}
		}
	}
	for i := range 4 * 10 * 126 * 10 { // of GB18030, within the BMP
		codes = append(codes, fmt.Sprintf("x'%02X%02X%02X%02X'", 0x81+i/12600, 0x30+i/1260%10, 0x81+i/10%126, 0x30+i%10))
	}
	var b strings.Builder
	for part := range slices.Chunk(codes, 5000) {
		fmt.Fprintf(&b, "INSERT INTO codes.c VALUES (%s);\n", strings.Join(part, "), ("))
	}
	return b.String()
}

// charsetsOf are the character sets of a server but for those of Unicode, which have no table.
func charsetsOf(t *testing.T, s *servers.Server) (all []string) {
	t.Helper()
	rows, err := s.DB().Query("SELECT character_set_name FROM information_schema.character_sets " +
		"WHERE character_set_name NOT LIKE 'utf%' AND character_set_name NOT IN ('ucs2', 'binary') ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		all = append(all, name)
	}
	return all
}

// readCodes are the codes and what each is read as: a character, several, or "" where the server has none for a part of it.
func readCodes(t *testing.T, s *servers.Server, charset string) map[string]string {
	t.Helper()
	rows, err := s.DB().Query("SELECT b, CONVERT(CONVERT(b USING " + charset + ") USING utf8mb4), CHAR_LENGTH(CONVERT(b USING " + charset + ")) FROM codes.c")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	codes := map[string]string{}
	for rows.Next() {
		var code []byte
		var text *string
		var length *int
		if err := rows.Scan(&code, &text, &length); err != nil {
			t.Fatal(err)
		}
		codes[string(code)] = ""
		if text != nil && length != nil && utf8.RuneCountInString(*text) == *length && !strings.Contains(*text, "\ufffd") &&
			strings.Count(*text, "?") == strings.Count(string(code), "?") {
			codes[string(code)] = *text
		}
	}
	return codes
}

func compareCodes(t *testing.T, charset string, codes map[string]string) {
	t.Helper()
	var wrong []string
	all, unread := 0, 0
	for code, want := range codes {
		got, ok := schema.ToUTF8(charset, []byte(code))
		if want != "" {
			all++
		}
		switch {
		case !ok && want != "":
			unread++
		case ok && want == "":
			wrong = append(wrong, fmt.Sprintf("%X is read as %q, the server knows none", code, got))
		case ok && got != want:
			wrong = append(wrong, fmt.Sprintf("%X is read as %q, the server has %q", code, got, want))
		}
	}
	t.Logf("%s: %d characters, %d not read", charset, all, unread)
	slices.Sort(wrong)
	for _, w := range wrong[:min(len(wrong), 12)] {
		t.Errorf("%s: %s", charset, w)
	}
}

// charsetsFile is the text of charsets.txt: see schema/charsets.go.
func charsetsFile(known map[string]map[string]string) string {
	var b strings.Builder
	b.WriteString("# What the servers' character sets have at each code; charsets.go says how. Written by:\n" +
		"# go test ./schema -run TestCharactersAreTheServers -update-charsets\n")
	for _, charset := range slices.Sorted(keysOf(known)) {
		b.WriteString(charset)
		if schema.IsMultibyte(charset) {
			b.WriteString(exceptionsOf(charset, known[charset]))
		} else {
			for i := range 256 {
				code := string([]byte{byte(i)})
				if i < utf8.RuneSelf && known[charset][code] == code {
					continue
				}
				r, _ := utf8.DecodeRuneInString(known[charset][code])
				fmt.Fprintf(&b, " %X=%X", i, r)
			}
		}
		b.WriteByte('\n')
	}
	return strings.ReplaceAll(b.String(), "=FFFD", "")
}

func keysOf(m map[string]map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// exceptionsOf are the codes at which the library that reads a character set of several bytes has something else than the servers. A range
// of codes without a character goes over codes that neither knows.
func exceptionsOf(charset string, codes map[string]string) string {
	var b strings.Builder
	var first, last string // of the range that is being made
	var begin, end rune    // the characters of its codes; 0 without
	flush := func() {
		if first == "" {
			return
		}
		fmt.Fprintf(&b, " %X", first)
		if last != first {
			fmt.Fprintf(&b, "-%X", last)
		}
		if begin != 0 {
			fmt.Fprintf(&b, "=%X", begin)
		}
		first, last = "", ""
	}
	for _, code := range sortedCodes(codes) {
		if schema.CharacterSize(charset, []byte(code)) < len(code) {
			continue // it is read as several characters
		}
		got, ok := schema.LibraryText(charset, []byte(code))
		want, _ := utf8.DecodeRuneInString(codes[code])
		switch known := utf8.RuneCountInString(codes[code]) == 1; {
		case !ok && !known: // neither
		case !ok || got == codes[code]:
			flush()
		case !known:
			if first == "" || begin != 0 || len(first) != len(code) {
				flush()
				first, begin = code, 0
			}
			last = code
		case first != "" && begin != 0 && want == end+1 && code[:len(code)-1] == last[:len(last)-1] && code[len(code)-1] == last[len(last)-1]+1:
			last, end = code, want
		default:
			flush()
			first, last, begin, end = code, code, want, want
		}
	}
	flush()
	return b.String()
}

func sortedCodes(codes map[string]string) []string {
	var all []string
	for code := range codes {
		all = append(all, code)
	}
	slices.SortFunc(all, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return all
}
