package replica

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"mime/quotedprintable"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

const duplicate100 = "Could not execute Write_rows_v1 event on table shop.t_pk; Duplicate entry '100' for key 'PRIMARY', Error_code: 1062; " +
	"handler error HA_ERR_FOUND_DUPP_KEY; the event's master log source-bin.000002, end_log_pos 888"

// shopStatus is the status that the forms below print: names and values.
var shopStatus = [][2]string{
	{"Slave_IO_State", "Waiting for master to send event"}, {"Master_Host", "10.0.0.1"}, {"Master_User", "repl"}, {"Master_Port", "3306"},
	{"Master_Log_File", "source-bin.000002"}, {"Read_Master_Log_Pos", "1200"}, {"Relay_Log_File", "relay-bin.000005"},
	{"Relay_Log_Pos", "733"}, {"Relay_Master_Log_File", "source-bin.000002"}, {"Slave_IO_Running", "Yes"}, {"Slave_SQL_Running", "No"},
	{"Replicate_Wild_Ignore_Table", "shop.tmp%,log.%"}, {"Last_Errno", "1062"}, {"Last_Error", duplicate100}, {"Skip_Counter", "0"},
	{"Exec_Master_Log_Pos", "673"}, {"Seconds_Behind_Master", "NULL"}, {"Last_IO_Errno", "0"}, {"Last_IO_Error", ""},
	{"Last_SQL_Errno", "1062"}, {"Last_SQL_Error", duplicate100}, {"Using_Gtid", "No"}, {"Gtid_IO_Pos", ""},
}

// vertical prints each column by a format of its name and value.
func vertical(format string) string {
	text := "*************************** 1. row ***************************\n"
	for _, c := range shopStatus {
		text += fmt.Sprintf(format, c[0], c[1]) + "\n"
	}
	return text
}

func columnsOf(n int) (out []string) {
	for _, c := range shopStatus {
		out = append(out, c[n])
	}
	return out
}

func eachLine(text, prefix string) string {
	n := 0
	var out []string
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		n++
		out = append(out, strings.ReplaceAll(prefix, "N", fmt.Sprint(n))+line)
	}
	return strings.Join(out, "\n") + "\n"
}

func boxed() string {
	var border, names, values strings.Builder
	for _, c := range shopStatus {
		width := max(len(c[0]), len(c[1]))
		border.WriteString("+" + strings.Repeat("-", width+2))
		fmt.Fprintf(&names, "| %-*s ", width, c[0])
		fmt.Fprintf(&values, "| %-*s ", width, c[1])
	}
	b := border.String() + "+\n"
	return b + names.String() + "|\n" + b + values.String() + "|\n" + b + "1 row in set (0.00 sec)\n"
}

// wrapped is a text as a terminal of a width shows it.
func wrapped(text string, width int) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		for ; len(line) > width; line = line[width:] {
			out = append(out, line[:width])
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func asCSV(comma rune) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = comma
	_ = w.WriteAll([][]string{columnsOf(0), columnsOf(1)})
	return b.String()
}

// asLiterals is a row with its values as SQL writes them.
func asLiterals(quote string) string {
	values := columnsOf(1)
	for i, v := range values {
		values[i] = "'" + strings.ReplaceAll(v, "'", quote) + "'"
	}
	return strings.Join(values, ", ")
}

func asJSON(indent string) string {
	object := map[string]any{}
	for _, c := range shopStatus {
		object[c[0]] = c[1]
	}
	object["Relay_Log_Pos"], object["Seconds_Behind_Master"] = 733, nil
	text, _ := json.MarshalIndent(map[string]any{"hasData": true, "rows": []any{object}}, "", indent)
	return string(text)
}

func asXML() string {
	text := "<?xml version=\"1.0\"?>\n\n<resultset statement=\"SHOW SLAVE STATUS\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n  <row>\n"
	for _, c := range shopStatus {
		if c[1] == "NULL" {
			text += fmt.Sprintf("\t<field name=%q xsi:nil=\"true\" />\n", c[0])
			continue
		}
		text += fmt.Sprintf("\t<field name=%q>%s</field>\n", c[0], strings.ReplaceAll(html.EscapeString(c[1]), "&#39;", "'"))
	}
	return text + "  </row>\n</resultset>\n"
}

func asHTML() string {
	return "<TABLE BORDER=1><TR><TH>" + strings.Join(columnsOf(0), "</TH><TH>") + "</TH></TR><TR><TD>" +
		html.EscapeString(strings.Join(columnsOf(1), "\x00")) + "</TD></TR></TABLE>"
}

func asUTF16(text string, mark string, order func(uint16) string) string {
	for _, unit := range utf16.Encode([]rune(text)) {
		mark += order(unit)
	}
	return mark
}

func asJSONString(text string) string {
	b, _ := json.Marshal(map[string]string{"log": text, "stream": "stdout", "time": "2024-05-01T10:00:00Z"})
	return string(b)
}

func asJSONStrings(text string) string {
	b, _ := json.MarshalIndent(map[string]any{"msg": strings.Split(text, "\n")}, "", "    ")
	return "ok: [db7] => " + string(b)
}

func asQuotedPrintable(text string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

func htmlEach(format string) string {
	text := ""
	for _, c := range shopStatus {
		text += fmt.Sprintf(format, c[0], html.EscapeString(c[1]))
	}
	return text
}

// One status in the forms in which people have it: all of them read alike.
func TestForms(t *testing.T) {
	plain := vertical("%28s: %s")
	little := func(u uint16) string { return string([]byte{byte(u), byte(u >> 8)}) }
	big := func(u uint16) string { return string([]byte{byte(u >> 8), byte(u)}) }
	modern := strings.NewReplacer("Slave_", "Replica_", "Master", "Source")
	for name, text := range map[string]string{
		"vertical":                           plain,
		"vertical, without the asterisks":    strings.SplitAfterN(plain, "\n", 2)[1],
		"indented":                           eachLine(plain, "      "),
		"Windows":                            strings.ReplaceAll(plain, "\n", "\r\n"),
		"UTF-8 with a byte order mark":       "\ufeff" + plain,
		"UTF-16":                             asUTF16(plain, "\xff\xfe", little),
		"UTF-16, big-endian":                 asUTF16(plain, "\xfe\xff", big),
		"UTF-16 without its mark":            asUTF16(plain, "", little),
		"no blank after the colon":           vertical("%s:%s"),
		"full-width colon":                   vertical("%s：%s"),
		"no-break blanks":                    strings.ReplaceAll(plain, " ", "\u00a0"),
		"key = value":                        vertical("%s = %s"),
		"key=value":                          vertical("%s=%s"),
		"key => value":                       vertical("    [%s] => %s"),
		"key, tab, value":                    vertical("%s\t%s"),
		"key, blanks, value":                 vertical("%-30s %s"),
		"words without underscores":          strings.NewReplacer("Last_SQL_Err", "Last SQL Err", "Relay_Log_", "Relay Log ").Replace(plain),
		"lower case":                         strings.NewReplacer("Last_SQL_Errno", "last_sql_errno", "Relay_Log_File", "relay_log_file").Replace(plain),
		"bullets":                            vertical("* %s: %s"),
		"dashes":                             vertical("  - %s: %s"),
		"bold":                               vertical("**%s:** %s"),
		"code":                               vertical("`%s`: `%s`"),
		"quotes and commas":                  vertical(`  "%s": "%s",`),
		"a Python dictionary":                vertical(`  '%s': "%s",`),
		"two columns in a box":               vertical("| %-30s | %s |"),
		"Markdown fence":                     "```\n" + plain + "```\n",
		"quoted mail":                        eachLine(plain, "> "),
		"mail quoted twice":                  eachLine(plain, ">> "),
		"grep -n":                            eachLine(plain, "N:"),
		"grep -n, two files":                 eachLine(plain, "dir/status.txt:N:"),
		"cat -n":                             eachLine(plain, "     N\t"),
		"log":                                eachLine(plain, "2024-05-01 10:00:0N "),
		"syslog":                             eachLine(plain, "Nov 29 04:3N:06 db7 check[123N]: "),
		"container":                          eachLine(plain, "replica_1  | "),
		"colours":                            vertical("\x1b[01;31m\x1b[K%s\x1b[m\x1b[K: %s"),
		"box":                                boxed(),
		"box, quoted mail":                   eachLine(boxed(), "> "),
		"box, wrapped by the terminal":       wrapped(boxed(), 100),
		"Markdown table":                     "| " + strings.Join(columnsOf(0), " | ") + " |\n|" + strings.Repeat("---|", len(shopStatus)) + "\n| " + strings.Join(columnsOf(1), " | ") + " |\n",
		"batch":                              strings.Join(columnsOf(0), "\t") + "\n" + strings.Join(columnsOf(1), "\t") + "\n",
		"CSV":                                asCSV(','),
		"CSV with semicolons":                asCSV(';'),
		"a row of MySQL Workbench":           "# " + strings.Join(columnsOf(0), ", ") + "\n" + asLiterals(`\'`) + "\n",
		"an INSERT":                          "INSERT INTO `unknown` (`" + strings.Join(columnsOf(0), "`, `") + "`) VALUES (" + asLiterals("''") + ");\n",
		"an INSERT over lines":               "INSERT INTO t (" + strings.Join(columnsOf(0), ",") + ")\n\tVALUES (" + asLiterals("''") + ");\n",
		"JSON":                               asJSON(""),
		"JSON over lines":                    asJSON("    "),
		"JSON in a log":                      eachLine(asJSON("  "), "2024-05-01T10:00:0NZ "),
		"XML":                                asXML(),
		"HTML":                               strings.ReplaceAll(asHTML(), "\x00", "</TD><TD>"),
		"JSON that has the text in a string": asJSONString(plain),
		"JSON for each line of the text":     asJSONStrings(plain),
		"quoted-printable mail":              asQuotedPrintable(plain),
		"arrow":                              vertical("%s → %s"),
		"YAML with quotes":                   strings.ReplaceAll(strings.ReplaceAll(vertical("%s: '%s'"), "'100'", "''100''"), "event's", "event''s"),
		"a bar between the columns":          vertical("%-30s | %s"),
		"HTML, a list of definitions":        "<dl>" + htmlEach("<dt>%s</dt><dd>%s</dd>") + "</dl>",
		"HTML with line breaks":              "<div>" + strings.ReplaceAll(strings.ReplaceAll(html.EscapeString(plain), "\n", "<br>"), " ", "&nbsp;") + "</div>",
		"a page":                             "<html><body><pre>" + html.EscapeString(plain) + "</pre></body></html>",
		"wrapped by a terminal":              wrapped(plain, 80),
		"wrapped at a hyphen":                strings.ReplaceAll(plain, "the event's master log source-bin", "the event's master log source-\nbin"),
		"without numbers of errors":          regexp.MustCompile(`(?m)^ *Last_\w*Errno:.*\n`).ReplaceAllString(plain, ""),
		"with words for numbers":             strings.NewReplacer("Errno: 1062", "Errno: 1062 (ER_DUP_ENTRY)").Replace(plain),
		"an alert on one line":               strings.Join(strings.Fields(strings.SplitAfterN(plain, "\n", 2)[1]), " "),
		"an alert with commas":               strings.TrimSuffix(strings.ReplaceAll(strings.SplitAfterN(vertical("%s: %s"), "\n", 2)[1], "\n", ", "), ", "),
		"a Python dictionary on one line":    "{" + strings.ReplaceAll(strings.SplitAfterN(vertical("'%s': \"%s\""), "\n", 2)[1], "\n", ", ") + "}",
		"Perl":                               strings.ReplaceAll(vertical("    '%s' => '%s',"), "'100' for key 'PRIMARY'", `\'100\' for key \'PRIMARY\'`),
		"the names of MySQL 8.0.22":          modern.Replace(plain),
	} {
		t.Run(name, func(t *testing.T) {
			f := mustFail(t, text)
			want := Failure{Number: 1062, Message: f.Message, Event: Place{"source-bin.000002", 888}, Exec: Place{"source-bin.000002", 673},
				Relay: Place{"relay-bin.000005", 733},
				Cause: Message{Event: Place{"source-bin.000002", 888}, Change: Write, Table: "shop.t_pk", Key: "PRIMARY", Value: "100",
					Code: 1062, Handler: "HA_ERR_FOUND_DUPP_KEY"}}
			if !reflect.DeepEqual(*f, want) {
				t.Errorf("text\n%s\ngot  %+v\nwant %+v", text, *f, want)
			}
			all, _ := Parse(text)
			if got := all[0].Filters.WildIgnoreTable; !reflect.DeepEqual(got, []string{"shop.tmp%", "log.%"}) {
				t.Errorf("Replicate_Wild_Ignore_Table is %q", got)
			}
		})
	}
}

// A set of GTIDs on several lines, in forms that put marks around a value or before each line.
func TestSetsOfSeveralLines(t *testing.T) {
	const a, b = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7,", "4e11fa47-71ca-11e1-9e33-c80aa9429562:tag:1-23"
	for name, set := range map[string]string{
		"plain":                     "%s\n%s",
		"double quotes":             "\"%s\n%s\"",
		"a program's string":        `"%s\n%s"`,
		"YAML, single quotes":       "'%s\n\n  %s'",
		"YAML, a block":             "|-\n  %s\n  %s",
		"YAML, a folded block":      ">-\n  %s\n  %s",
		"diff, or Markdown's quote": "%s\n+%s",
	} {
		text := vertical("%s: %s") + "Executed_Gtid_Set: " + fmt.Sprintf(set, a, b) + "\nAuto_Position: 1\n"
		if all, err := Parse(text); err != nil || all[0].ExecutedGTID != a+b {
			t.Errorf("%s: the set is %q, error %v", name, all[0].ExecutedGTID, err)
		}
	}
}

// Messages that stand alone, as in the server's error log.
func TestMessagesWithoutStatus(t *testing.T) {
	shop := Message{Event: Place{"source-bin.000002", 888}, Change: Write, Table: "shop.t_pk", Key: "PRIMARY", Value: "100", Code: 1062, Handler: "HA_ERR_FOUND_DUPP_KEY"}
	withGTID := shop
	withGTID.Transaction = "0-1-130"
	for _, c := range []struct {
		name, text, channel string
		number              int
		thread              Thread
		want                Message
	}{
		{"the bare message", duplicate100 + "\n", "", 1062, Applier, shop},
		{"an alert", "CRITICAL db7 replication: SQL thread stopped. Last error: " + duplicate100 + " (since 5 min)", "", 1062, Applier, shop},
		{"wrapped by mail", strings.NewReplacer("; Dup", ";\nDup", "; handler", ";\nhandler").Replace(duplicate100), "", 1062, Applier, shop},
		{"MySQL 5.6", "2024-05-01 10:11:12 4242 [ERROR] Slave SQL: " + duplicate100 + ", Error_code: 1062\n" +
			"2024-05-01 10:11:12 4242 [Warning] Slave: Duplicate entry '100' for key 'PRIMARY' Error_code: 1062\n" +
			"2024-05-01 10:11:12 4242 [ERROR] Error running query, slave SQL thread aborted. Fix the problem, and restart the slave SQL thread with \"SLAVE START\". We stopped at log 'source-bin.000002' position 673\n", "", 1062, Applier, shop},
		{"MySQL 5.7", "2024-05-01T10:11:12.123456Z 12 [ERROR] Slave SQL for channel 'eu': " + duplicate100 + ", Error_code: 1062\n", "eu", 1062, Applier, shop},
		{"MySQL 8.0", "2024-05-01T10:11:12.123456Z 12 [ERROR] [MY-010584] [Repl] Replica SQL for channel '': " + duplicate100 + ", Error_code: MY-001062\n" +
			"2024-05-01T10:11:12.123456Z 11 [ERROR] [MY-010586] [Repl] Error running query, replica SQL thread aborted.\n", "", 1062, Applier, shop},
		{"MariaDB", "2024-05-01 10:11:12 12 [ERROR] Slave SQL: " + duplicate100 + ", Gtid 0-1-130, Internal MariaDB error code: 1062\n" +
			"2024-05-01 10:11:12 12 [Warning] Slave: Duplicate entry '100' for key 'PRIMARY' Error_code: 1062\n", "", 1062, Applier, withGTID},
		{"MariaDB, a connection", "2024-05-01 10:11:12 12 [ERROR] Master 'us': Slave SQL: " + duplicate100 + ", Gtid 0-1-130, Internal MariaDB error code: 1062\n", "us", 1062, Applier, withGTID},
		{"MySQL 8.0, as JSON", `{"prio": 1, "err_code": 10584, "subsystem": "Repl", "msg": "Replica SQL for channel '': ` + duplicate100 + `, Error_code: MY-001062", "label": "Error"}`,
			"", 1062, Applier, shop},
		{"an alert of Nagios", "CRITICAL - Last_SQL_Errno: 1062 Last_SQL_Error: " + duplicate100 + " | behind=0;30;60", "", 1062, Applier, shop},
		{"twice the same", duplicate100 + "\n\n" + duplicate100 + "\n", "", 1062, Applier, shop},
		{"a receiver", "2024-05-01T10:11:12.123456Z 11 [ERROR] [MY-013114] [Repl] Replica I/O for channel '': Got fatal error 1236 from source when reading data from binary log: 'Could not find first log file name in binary log index file', Error_code: MY-013114\n", "", 13114, Receiver, Message{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := mustFail(t, c.text)
			if f.Number != c.number || f.Thread != c.thread || f.Channel != c.channel || f.Cause != c.want {
				t.Errorf("got  %+v\nwant %+v", *f, c)
			}
		})
	}
}

// What can't be told is never "no error", nor a choice among several.
func TestNotTold(t *testing.T) {
	other := strings.Replace(duplicate100, "end_log_pos 888", "end_log_pos 1169", 1)
	for _, c := range []struct{ name, text, want string }{
		{"no number", "Slave_IO_Running: Yes\nSlave_SQL_Running: No\n", "no error number in the status: Last_SQL_Errno is missing"},
		{"no number to read", "Slave_SQL_Running: No\nLast_SQL_Errno: see below\n", "Last_SQL_Errno is 'see below', not a number"},
		{"a message without a number", "Slave_SQL_Running: No\nLast_SQL_Errno: 0\nLast_SQL_Error: it broke\n", "Last_SQL_Error has a text that names no error number"},
		{"messages of two failures", duplicate100 + "\n" + other + "\n", "messages of different failures, in lines 1 and 2"},
		{"only the receiver's number", "Slave_SQL_Running: No\nLast_IO_Errno: 0\n", "Last_SQL_Errno is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := Parse(c.text)
			if err == nil {
				_, err = all[0].Failure()
			}
			if err == nil || errors.Is(err, ErrNoError) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// TestManyBorders: what looks like the border of a box that a terminal wrapped, again and again, takes no time that grows with its square.
func TestManyBorders(t *testing.T) {
	text := strings.Repeat("+--\n", 100_000)
	begun := time.Now()
	if _, err := Parse(text); err == nil {
		t.Error("borders are a status")
	}
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestHostileForms: what looks like a part of a status, over and over, is refused, and takes no memory that grows beyond a few times the text.
func TestHostileForms(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"empty lines":                 {strings.Repeat("\n", 4<<20), "4194304 lines, of which at most 100000 are read"},
		"empty lines in JSON":         {`{"text": "Last_Errno: 1062` + strings.Repeat(`\n`, 1<<20) + `"}`, "lines, of which at most 100000 are read"},
		"bars":                        {strings.Repeat("|", 2<<20), "other text"},
		"tabs":                        {strings.Repeat("\t", 2<<20), "nothing"},
		"commas":                      {strings.Repeat(",", 2<<20), "other text"},
		"a wide border, short lines":  {"+" + strings.Repeat("-", 40_000) + "\n" + strings.Repeat("-\n", 20) + strings.Repeat("| x\n", 90_000), "other text"},
		"a long border, short lines":  {"+" + strings.Repeat("-", 400) + "\n" + strings.Repeat("-\n", 2000) + strings.Repeat("| x\n", 90_000), "other text"},
		"names and values with comma": {strings.Repeat("Slave_IO_State,Last_Errno\n", 50_000), "appears twice"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Parse(test.text)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("want %q, got %v", test.want, err)
			}
			if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 200 {
				t.Errorf("%d MiB were allocated for a text of %d KiB", took, len(test.text)>>10)
			}
		})
	}
}
