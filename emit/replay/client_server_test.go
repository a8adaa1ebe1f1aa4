package replay

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/emit/session"
	"binmend/emit/sqltext"
	"binmend/fixtures/servers"
)

var clientStatements = flag.Int("client-statements", 1500, "statements that TestRealClients gives to each real client")

// clientPieces are what the statements of TestRealClients are made of: what quotes, escapes, comments and ends, commands of the
// clients, and bytes that make characters in some character set.
var clientPieces = []string{"'", "'", "\"", "`", "`", "''", "``", "\\", "\\\\", "\\'", "\\`", "\\\"", "--", "-- ", "--\x01", "--\t", "#", "/*", "*/", "/*!", "/*!50000 ",
	"/*!99999 ", "/*+ ", "/*M!", "/*M!100000 ", "/*/", "$$", "$$", "$a$", "$", "\n", "\n", " ", " ", "\t", "\r\n", "\x0b", "\x00", "\x1a", ";", "//", "a", "1", "N", "é", "日", "表",
	"\x81", "\x95", "\xa1", "\xb1", "\xe6", "\xff", "\x95\\", "\x81`", "\x81'", "\u00a0", "\u3000", "\u0085", "0", "\x8130",
	"\\! touch canary\n", "\\! touch canary '", "\nsystem touch canary\n", "system touch canary\n", "\nSYSTEM touch canary '", "\\. s.sql\n", "\nsource s.sql\n",
	"\\T canary\n", "\ntee canary\n", "\\P touch canary\n", "\npager touch canary\n", "\\d x\n", "\ndelimiter x\n", " delimiter x\n", "delimiter", "\nuse mysql\n", "\nstatus\n", "\\C gbk\n",
	"\\g", "\\G", "\\c", "\\q", "\\N", "exit\n", "\nexit\n", "\n\n", "\n#", "\n--", "\n# */\n", "\n-- '\n", "/* ' */", "/* \\! touch canary */", "-- \\! touch canary\n", "'\\\\! touch canary'",
	"'\\! touch canary'", "`\\! touch canary`", "\"\\! touch canary\"", "'\n\\! touch canary\n'", "'\nsystem touch canary\n'", "/*\nsystem touch canary\n*/",
	"'日'", "`日`", "'\x95\\'", "'\xb1'",
	"/*M! \\! touch canary */", "/*M!100000 ' */", "/*+ \\! touch canary */", "/*+ ' */", "/*!\\C gbk */", "/*!\\C gbk */;", "/* x */ delimiter x\n",
	"-- x\ndelimiter x\n", "\ufeff", "\u2028", "\u2029", "\u202e", "--\x7f", "--\x1f\\! touch canary\n", "`a\ndelimiter x\n`", "`\\g`", "`\\G`", "`\\c`",
	"SET NAMES gbk", "\nnotee\n", "\nnopager\n", strings.Repeat("a", 20_000), strings.Repeat("'a' ", 5_000)}

// drawStatement puts pieces together; canPrepare or not decides which forms it can take.
func drawStatement(r *rand.Rand) []byte {
	sql := []byte([]string{"", "SELECT ", "CREATE PROCEDURE p() ", "SAVEPOINT "}[r.IntN(4)])
	for range 1 + r.IntN(9) {
		sql = append(sql, clientPieces[r.IntN(len(clientPieces))]...)
	}
	return sql
}

// clientCase is a statement in the form that was chosen for it.
type clientCase struct {
	sql     []byte
	mode    uint64
	charset string
	form    clientForm
}

// drawCases draws statements that are not refused. Most of what is drawn is, as it has to be.
func drawCases(r *rand.Rand, n int, d *decoder.Format) []clientCase {
	var list []clientCase
	modes := []uint64{0, 0, modeNoBackslashEscapes, modeANSIQuotes, modeANSIQuotes | modeNoBackslashEscapes}
	collations := map[string]uint16{"utf8mb4": 45, "latin1": 8, "gbk": 28, "sjis": 13, "big5": 1, "cp932": 95}
	charsets := []string{"big5", "cp932", "gbk", "latin1", "sjis", "utf8mb4", "utf8mb4"}
	for len(list) < n {
		c := clientCase{sql: drawStatement(r), mode: modes[r.IntN(len(modes))], charset: charsets[r.IntN(len(charsets))]}
		s := decoder.Session{HasCollations: true, HasSQLMode: true, SQLMode: c.mode, Collations: decoder.Collations{Client: collations[c.charset]}}
		rd := renderer{options: &Options{}}
		var err error
		if c.form, err = rd.clientForm(d, c.sql, &s); err != nil {
			continue
		}
		if c.form.prepared != nil && r.IntN(10) > 0 || len(bytes.Trim(c.sql, " \t\r\n;")) == 0 {
			continue // hex is all alike
		}
		list = append(list, c)
	}
	return list
}

// script writes the cases as Forward writes statements, each with a statement after it that says that the client has found
// the end of the one before.
func script(cases []clientCase) []byte {
	s := session.Session{Dialect: sqltext.For(decoder.Version{Flavor: decoder.MySQL, Major: 8})}
	text := []byte(s.Client() + "\n" + s.Names() + "\n")
	for i, c := range cases {
		if c.form.charset != "" {
			text = append(text, session.ClientCharset(c.form.charset)+"\n"...)
		}
		text = fmt.Appendf(text, "SET @@session.sql_mode=%d, @@session.character_set_client=%s;\n", c.mode, c.charset)
		r := renderer{text: text}
		if c.form.prepared != nil {
			r.appendPrepared(c.sql, c.form.prepared)
		} else {
			r.appendTerminated(c.sql)
		}
		text = r.text
		text = append(text, s.Client()+"\n"...)
		text = fmt.Appendf(text, "SELECT 1 AS after_%d;\n", i)
	}
	return text
}

// TestRealClients: whatever a log has for a statement, no client runs a command that stands in it, and each client finds the
// end of each statement. The statements are nonsense to the server, whose general log says what has reached it.
func TestRealClients(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB1011, servers.MariaDB118} {
		t.Run(line.Name, func(t *testing.T) {
			args := []string{"--log-output=TABLE", "--general-log=1"}
			if line.Flavor == servers.MySQL {
				args = append(args, "--log-raw") // also what it does not understand
			}
			server := servers.Shared(t, line, servers.Options{Args: args})
			format := &decoder.Format{Server: decoder.Version{Flavor: decoder.MySQL, Major: 8}} // whose servers prepare less
			random := rand.New(rand.NewPCG(15, uint64(len(line.Name))))
			options := clientOptions(line)
			for done := 0; done < *clientStatements; done += 250 {
				cases := drawCases(random, 250, format)
				runCases(t, server, options[done/250%len(options)], cases)
				if t.Failed() {
					return
				}
			}
		})
	}
}

// clientOptions are ways in which people run a line's client.
func clientOptions(line *servers.Line) [][]string {
	options := [][]string{{"--default-character-set=utf8mb4"}}
	for _, charset := range []string{"latin1", "gbk", "sjis", "big5"} {
		options = append(options, []string{"--default-character-set=" + charset}, []string{"--named-commands", "--default-character-set=" + charset})
	}
	if line.Flavor == servers.MySQL {
		for i := range options {
			options[i] = append(options[i], "--commands", "--system-command=ON")
		}
		options = append(options, []string{"--default-character-set=gb18030", "--commands", "--system-command=ON", "--named-commands"},
			[]string{"--default-character-set=gbk"})
	}
	for _, more := range []string{"--skip-comments", "--comments", "--binary-mode"} {
		options = append(options, append(slices.Clone(options[2]), more))
	}
	return options
}

// runCases gives cases to a client, and on a failure each one by itself.
func runCases(t *testing.T, server *servers.Server, options []string, cases []clientCase) {
	t.Helper()
	if runScript(t, server, options, cases) == "" {
		return
	}
	for _, c := range cases {
		if wrong := runScript(t, server, options, []clientCase{c}); wrong != "" {
			t.Errorf("%s: %q of %s, sql_mode %d: %s\n%s", strings.Join(options, " "), c.sql, c.charset, c.mode, wrong, script([]clientCase{c}))
			return
		}
	}
	t.Errorf("%s: %s, not by one statement alone:\n%s", strings.Join(options, " "), runScript(t, server, options, cases), script(cases))
}

// runScript says what went wrong; "" for nothing.
func runScript(t *testing.T, server *servers.Server, options []string, cases []clientCase) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "s.sql"), []byte("\nSELECT 'sourced';\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if _, err := server.DB().ExecContext(ctx, "TRUNCATE TABLE mysql.general_log"); err != nil {
		t.Fatal(err)
	}
	client := server.Client(append(slices.Clone(options), "--force")...)
	client.Dir, client.Stdin = dir, bytes.NewReader(script(cases))
	_ = client.Run() // the statements are nonsense
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		return "a command of the client has written " + left[0].Name()
	}
	arrived := map[string]bool{}
	rows, err := server.DB().QueryContext(ctx, "SELECT argument FROM mysql.general_log WHERE command_type IN ('Query', 'Prepare')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		arrived[string(bytes.Trim(text, " \t\r\n;"))] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if arrived["SELECT 'sourced'"] {
		return "the client has read another file"
	}
	for i, c := range cases {
		if !arrived["SELECT 1 AS after_"+strconv.Itoa(i)] {
			return fmt.Sprintf("the client has not found the end of statement %d, %q", i, c.sql)
		}
		if c.isExact() && !arrived[string(bytes.Trim(c.sql, " \t\r\n;"))] {
			return fmt.Sprintf("statement %d, %q, has not arrived as it is", i, c.sql)
		}
	}
	return ""
}

// isExact reports whether the general log must show the statement byte by byte: it shows UTF-8, and clients drop comments, the
// line ends of Windows and blank lines outside of quotes.
func (c *clientCase) isExact() bool {
	for _, b := range c.sql {
		if b < ' ' && b != '\t' || b >= 0x80 {
			return false
		}
	}
	return c.form == (clientForm{}) && !bytes.ContainsAny(c.sql, "#") && !bytes.Contains(c.sql, []byte("--")) && !bytes.Contains(c.sql, []byte("/*"))
}
