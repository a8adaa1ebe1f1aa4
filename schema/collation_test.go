package schema_test

import (
	"strconv"
	"strings"
	"testing"

	"binmend/fixtures/servers"
	"binmend/schema"
)

func TestCollationByNumber(t *testing.T) {
	tests := []struct {
		number             uint16
		collation, charset string
	}{
		{8, "latin1_swedish_ci", "latin1"},
		{33, "utf8mb3_general_ci", "utf8mb3"},
		{63, "binary", "binary"},
		{255, "utf8mb4_0900_ai_ci", "utf8mb4"},
		{1024 + 45, "utf8mb4_general_nopad_ci", "utf8mb4"},
		{2048, "utf8mb3_uca1400_ai_ci", "utf8mb3"},
		{2304, "utf8mb4_uca1400_ai_ci", "utf8mb4"},
		{2304 + 8 + 7, "utf8mb4_uca1400_icelandic_nopad_as_cs", "utf8mb4"},
		{0, "", ""},
		{999, "", ""},
		{2304 + 21*8, "", ""},
		{65535, "", ""},
	}
	for _, test := range tests {
		collation, charset, ok := schema.CollationByNumber(test.number)
		if collation != test.collation || charset != test.charset || ok != (test.charset != "") {
			t.Errorf("%d: %q, %q, %v; want %q, %q", test.number, collation, charset, ok, test.collation, test.charset)
		}
	}
}

// TestCollationsOfServers asks real servers for all of their collations.
func TestCollationsOfServers(t *testing.T) {
	for _, line := range servers.Lines() {
		t.Run(line.String(), func(t *testing.T) {
			query := "SELECT id, collation_name, character_set_name FROM information_schema.collations"
			if line.Flavor == servers.MariaDB {
				query = "SELECT id, full_collation_name, character_set_name" +
					" FROM information_schema.collation_character_set_applicability"
			}
			out := servers.Shared(t, line, servers.Options{}).MustExec(t, query+" WHERE id IS NOT NULL")
			rows := strings.Split(strings.TrimSpace(out), "\n")[1:]
			for _, row := range rows {
				checkCollation(t, strings.Split(row, "\t"))
			}
			t.Logf("%d collations", len(rows))
		})
	}
}

// checkCollation compares a row of number, collation and character set with the table.
func checkCollation(t *testing.T, row []string) {
	t.Helper()
	number, err := strconv.ParseUint(row[0], 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	wantCollation, wantCharset := schema.NormalCollation(row[1]), schema.NormalCharset(row[2])
	wantCollation = strings.ReplaceAll(wantCollation, "_mysql561_", "_") // MariaDB's name for MySQL's croatian ones
	collation, charset, ok := schema.CollationByNumber(uint16(number))
	if !ok || collation != wantCollation || charset != wantCharset {
		t.Errorf("%d: %q of %q, %v; the server says %q of %q", number, collation, charset, ok, wantCollation, wantCharset)
	}
}
