package decoder_test

import (
	"fmt"
	"strconv"
	"strings"

	"binmend/decoder"
	"binmend/decoder/jsonb"
)

// notation is how a reader prints what is in a log.
type notation struct {
	options   []string                      // that it needs
	quote     func(dst, text []byte) []byte // of a string value
	mapName   func(string) string           // of a table or database in the header of a table map
	xaPrepare string                        // title of an XA_prepare event
	unknown   decoder.ColumnType            // at a value of this type the reader gives up the event
}

var mysqlNotation = &notation{
	quote:     quoteMySQL,
	mapName:   func(name string) string { return "`" + name + "`" },
	xaPrepare: "XA PREPARE",
	unknown:   decoder.TypeGeometry,
}

var mariadbNotation = &notation{
	options:   []string{"--skip-gtid-strict-mode"}, // logs of different servers come in one run
	quote:     quoteMariaDB,
	mapName:   backquoted,
	xaPrepare: "XID =",
}

func backquoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// header is the beginning of the line that the reader prints for an event.
func (n *notation) header(e *decoder.Event) string {
	at := e.Time()
	return strings.TrimSuffix(fmt.Sprintf("#%s %2d:%s server id %d  end_log_pos %d \t%s",
		at.Format("060102"), at.Hour(), at.Format("04:05"), e.ServerID, e.EndLogPos, n.title(e)), "\t")
}

// title is the reader's name of an event and what it prints beside it.
func (n *notation) title(e *decoder.Event) string {
	text, err := n.describe(e)
	if err != nil {
		return err.Error()
	}
	return text
}

func (n *notation) describe(e *decoder.Event) (string, error) {
	if e.IsRows() {
		return n.describeRows(e)
	}
	switch e.Type {
	case decoder.EventFormatDescription:
		return "Start: binlog v 4, server v " + e.Format.Server.Text + " created", nil
	case decoder.EventQuery, decoder.EventMariaQueryCompressed, decoder.EventExecuteLoadQuery:
		q, err := e.Query()
		name := map[decoder.EventType]string{decoder.EventQuery: "Query", decoder.EventMariaQueryCompressed: "Query_compressed",
			decoder.EventExecuteLoadQuery: "Execute_load_query"}[e.Type]
		return fmt.Sprintf("%s\tthread_id=%d\texec_time=%d\terror_code=%d", name, q.ThreadID, q.ExecTime, q.ErrorCode), err
	case decoder.EventTableMap:
		m, err := e.TableMap()
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("Table_map: %s.%s mapped to number %d", n.mapName(m.Database), n.mapName(m.Table), e.TableID()), nil
	case decoder.EventXid:
		xid, err := e.Xid()
		return fmt.Sprintf("Xid = %d", xid), err
	case decoder.EventRotate:
		r, err := e.Rotate()
		return fmt.Sprintf("Rotate to %s  pos: %d", r.File, r.Position), err
	case decoder.EventXAPrepare:
		x, err := e.XAPrepare()
		return fmt.Sprintf("%s X'%x',X'%x',%d", n.xaPrepare, x.Gtrid, x.Bqual, x.FormatID), err
	case decoder.EventAnonymousGtid, decoder.EventGtid, decoder.EventGtidTagged:
		g, err := e.Gtid()
		name := "GTID"
		if e.Type == decoder.EventAnonymousGtid {
			name = "Anonymous_GTID"
		}
		rowsOnly := "yes"
		if g.Flags&1 != 0 {
			rowsOnly = "no"
		}
		return fmt.Sprintf("%s\tlast_committed=%d\tsequence_number=%d\trbr_only=%s\toriginal_committed_timestamp=%d\timmediate_commit_timestamp=%d",
			name, g.LastCommitted, g.SequenceNumber, rowsOnly, g.OriginalCommit, g.ImmediateCommit), err
	case decoder.EventMariaGtid:
		g, err := e.Gtid()
		return mariaGtidText(g), err
	}
	return plainTitles[e.Type], nil
}

// plainTitles are the names of events of which nothing else is compared.
var plainTitles = map[decoder.EventType]string{
	decoder.EventStop: "Stop", decoder.EventIntvar: "Intvar", decoder.EventRand: "Rand", decoder.EventUserVar: "User_var",
	decoder.EventRowsQuery: "Rows_query", decoder.EventPreviousGtids: "Previous-GTIDs",
	decoder.EventIgnorable: "Ignorable", decoder.EventTransactionPayload: "Transaction_Payload",
	decoder.EventMariaAnnotateRows: "Annotate_rows:", decoder.EventMariaBinlogCheckpoint: "Binlog checkpoint",
	decoder.EventMariaGtidList: "Gtid list",
}

func (n *notation) describeRows(e *decoder.Event) (string, error) {
	re, err := e.Rows()
	if err != nil {
		return "", err
	}
	name := [...]string{"Write", "Update", "Delete"}[re.Kind]
	switch {
	case e.Type == decoder.EventPartialUpdateRows:
		name = "Update_rows_partial"
	case e.Type >= decoder.EventMariaWriteRowsCompressed1:
		name += "_compressed_rows"
	case isOld(e):
		name += "_rows_old"
	default:
		name += "_rows"
	}
	flags := ""
	if e.EndsStatement() && !isOld(e) {
		flags = " flags: STMT_END_F"
	}
	return fmt.Sprintf("%s: table id %d%s", name, e.TableID(), flags), nil
}

// mariaGtidText is what mariadb-binlog prints of a GTID event; of an XA transaction, the beginning.
func mariaGtidText(g decoder.Gtid) string {
	text := "GTID " + g.ID.String()
	if g.CommitID != 0 {
		text += fmt.Sprintf(" cid=%d", g.CommitID)
	}
	for _, flag := range []struct {
		bit  uint8
		name string
	}{{decoder.MariaGtidDDL, " ddl"}, {decoder.MariaGtidTransactional, " trans"}, {decoder.MariaGtidWaited, " waited"}} {
		if g.Flags&flag.bit != 0 {
			text += flag.name
		}
	}
	if g.ThreadID != 0 && g.Flags&(decoder.MariaGtidPreparedXA|decoder.MariaGtidCompletedXA) == 0 {
		text += fmt.Sprintf(" thread_id=%d", g.ThreadID)
	}
	return text
}

// isOld reports whether a row event is of before 5.1's first stable release.
func isOld(e *decoder.Event) bool {
	return e.Type >= decoder.EventPreGAWriteRows && e.Type <= decoder.EventPreGADeleteRows
}

func gtidNext(e *decoder.Event, g decoder.Gtid) string {
	if e.Type == decoder.EventAnonymousGtid {
		return "ANONYMOUS"
	}
	return g.ID.String()
}

// rows yields the lines of a row event.
func (n *notation) rows(e *decoder.Event, yield func(expected) bool) bool {
	re, err := e.Rows()
	if err != nil {
		return yield(expected{text: err.Error()})
	}
	if re.Map.IsBare() { // the reader prints no row either; schema/track has them
		return true
	}
	for row, err := range re.All() {
		if err != nil {
			return yield(expected{text: err.Error()})
		}
		lines, whole := n.row(re, row)
		for _, line := range lines {
			if !yield(line) {
				return false
			}
		}
		if !whole {
			break
		}
	}
	return true
}

// row gives the lines of a row, up to the value at which the reader gives up the event.
func (n *notation) row(re *decoder.RowsEvent, row *decoder.Row) (lines []expected, whole bool) {
	verb := [...]string{"INSERT INTO", "UPDATE", "DELETE FROM"}[re.Kind]
	lines = []expected{{text: "### " + verb + " " + backquoted(re.Map.Database) + "." + backquoted(re.Map.Table)}}
	whole = true
	if re.Kind != decoder.Insert {
		lines, whole = n.image(append(lines, expected{text: "### WHERE"}), row.Before, nil)
	}
	if re.Kind != decoder.Delete && whole {
		lines, whole = n.image(append(lines, expected{text: "### SET"}), row.After, row.Before)
	}
	return lines, whole
}

func (n *notation) image(lines []expected, image, before decoder.Image) (_ []expected, whole bool) {
	for i, cell := range image {
		if cell.State() == decoder.Absent {
			continue
		}
		line := expected{text: n.line(i+1, cell)}
		if i < len(before) && cell.Column().Type == decoder.TypeJSON {
			line.changed = &change{column: i + 1, before: before[i], after: cell}
		}
		if cell.Column().Type == n.unknown {
			line.text = fmt.Sprintf("###   @%d=!! Don't know how to handle column type=%d meta=4 (0004)", i+1, n.unknown)
			return append(lines, line), false
		}
		lines = append(lines, line)
	}
	return lines, true
}

// line is a value as the reader prints it, without the type after it.
func (n *notation) line(number int, cell decoder.Cell) string {
	text := strconv.AppendInt([]byte("###   @"), int64(number), 10)
	text = append(text, '=')
	isNull := 0
	if cell.State() == decoder.Null {
		isNull = 1
		text = append(text, "NULL"...)
	} else {
		text = n.value(text, cell)
	}
	nullable := 0
	if cell.Column().Nullable {
		nullable = 1
	}
	return fmt.Sprintf("%s nullable=%d is_null=%d", text, nullable, isNull)
}

// value appends a value in the reader's notation.
func (n *notation) value(dst []byte, c decoder.Cell) []byte {
	if print, ok := printers[c.Column().Type]; ok {
		return print(dst, c)
	}
	text, err := c.AppendText(nil)
	if err != nil {
		return append(dst, err.Error()...)
	}
	return n.quote(dst, text)
}

// printers holds the types that the readers print otherwise than as the quoted text of the value, each with what of the
// value their notation does not show.
var printers = map[decoder.ColumnType]func([]byte, decoder.Cell) []byte{
	// Signed, and after it unsigned when that is another number.
	decoder.TypeTiny: printInteger, decoder.TypeShort: printInteger, decoder.TypeInt24: printInteger,
	decoder.TypeLong: printInteger, decoder.TypeLonglong: printInteger,

	// Six digits. Value tests of emit/sqltext have all of them.
	decoder.TypeFloat: func(dst []byte, c decoder.Cell) []byte {
		return fmt.Appendf(dst, "%-20s", cDouble(float64(c.Float32()), 6))
	},
	// Twenty digits: exact.
	decoder.TypeDouble: func(dst []byte, c decoder.Cell) []byte { return append(dst, cDouble(c.Float64(), 20)...) },

	// Colons for dashes.
	decoder.TypeDate: func(dst []byte, c decoder.Cell) []byte {
		return append(append(append(dst, '\''), strings.ReplaceAll(text(c), "-", ":")...), '\'')
	},
	// 1900 for the year 0000.
	decoder.TypeYear: func(dst []byte, c decoder.Cell) []byte { return strconv.AppendUint(dst, 1900+c.Uint64(), 10) },

	// Seconds since 1970.
	decoder.TypeTimestamp:  func(dst []byte, c decoder.Cell) []byte { return strconv.AppendUint(dst, c.Uint64(), 10) },
	decoder.TypeTimestamp2: printTimestamp,

	decoder.TypeJSON: printJSON,

	decoder.TypeNewDecimal: func(dst []byte, c decoder.Cell) []byte { return append(dst, text(c)...) },
	decoder.TypeBit:        func(dst []byte, c decoder.Cell) []byte { return append(append(append(dst, "b'"...), text(c)...), '\'') },
	decoder.TypeEnum:       func(dst []byte, c decoder.Cell) []byte { return append(dst, text(c)...) },
	// All bits of each byte in the order in which the bytes are stored: the lowest byte first.
	decoder.TypeSet: func(dst []byte, c decoder.Cell) []byte {
		dst = append(dst, "b'"...)
		for _, b := range c.Raw() {
			dst = fmt.Appendf(dst, "%08b", b)
		}
		return append(dst, '\'')
	},
	// Six digits of each element.
	decoder.TypeVector: printVector,
	// As stored, compressed. TestCompressedColumns has the values.
	decoder.TypeBlobCompressed:    func(dst []byte, c decoder.Cell) []byte { return quoteMariaDB(dst, c.Raw()) },
	decoder.TypeVarcharCompressed: func(dst []byte, c decoder.Cell) []byte { return quoteMariaDB(dst, c.Raw()) },
}

func text(c decoder.Cell) string {
	b, err := c.AppendText(nil)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func printInteger(dst []byte, c decoder.Cell) []byte {
	dst = strconv.AppendInt(dst, c.Int64(), 10)
	if c.Int64() < 0 {
		dst = fmt.Appendf(dst, " (%d)", c.Uint64())
	}
	return dst
}

// printTimestamp prints the seconds and, as they are, the digits of the fraction.
func printTimestamp(dst []byte, c decoder.Cell) []byte {
	raw := c.Raw()
	seconds := uint64(raw[0])<<24 | uint64(raw[1])<<16 | uint64(raw[2])<<8 | uint64(raw[3])
	dst = strconv.AppendUint(dst, seconds, 10)
	_, fraction, found := strings.Cut(text(c), ".")
	if found {
		dst = append(append(dst, '.'), fraction...)
	}
	return dst
}

// printJSON prints the text of a document as a string; of a string, its content, so that it looks like a document.
func printJSON(dst []byte, c decoder.Cell) []byte {
	if v, err := jsonb.Parse(c.Raw()); err == nil && v.Kind() == jsonb.String {
		return quoteMySQL(dst, v.Bytes())
	}
	return quoteMySQL(dst, []byte(text(c)))
}

func printVector(dst []byte, c decoder.Cell) []byte {
	dst = append(dst, '[')
	float := decoder.Column{Type: decoder.TypeFloat}
	for raw := c.Raw(); len(raw) >= 4; raw = raw[4:] {
		if dst[len(dst)-1] != '[' {
			dst = append(dst, ',')
		}
		dst = strconv.AppendFloat(dst, float64(decoder.NewCell(&float, raw[:4]).Float32()), 'e', 5, 32)
	}
	return append(dst, ']')
}

// cDouble prints as C's %g does.
func cDouble(v float64, digits int) string { return strconv.FormatFloat(v, 'g', digits, 64) }

func quoteMySQL(dst, text []byte) []byte {
	return quoteString(dst, text, map[byte]string{'\'': `\'`, '\\': `\\`, '\n': `\n`, '\b': `\b`, '\r': `\r`, '\t': `\t`})
}

func quoteMariaDB(dst, text []byte) []byte { return quoteString(dst, text, nil) }

// quoteString quotes a string with some characters after a backslash and control characters as numbers.
func quoteString(dst, text []byte, escapes map[byte]string) []byte {
	dst = append(dst, '\'')
	for _, b := range text {
		switch escape, ok := escapes[b]; {
		case ok:
			dst = append(dst, escape...)
		case b < ' ':
			dst = fmt.Appendf(dst, `\x%02x`, b)
		default:
			dst = append(dst, b)
		}
	}
	return append(dst, '\'')
}

// withoutType cuts the type out of a value's line. What is left tells whether the column may be NULL and whether it is.
func withoutType(line string) string {
	if !strings.HasPrefix(line, "###   @") {
		return line
	}
	begin := strings.LastIndex(line, " /* ")
	end := strings.LastIndex(line, " nullable=")
	if begin < 0 || end < begin {
		return line
	}
	return line[:begin] + strings.TrimSuffix(line[end:], " */")
}
