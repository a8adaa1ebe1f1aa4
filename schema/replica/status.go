package replica

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
)

// Place is a file and a position as the status names them. File is "" and Pos is 0 when unknown.
type Place struct {
	File string
	Pos  uint64
}

// ThreadError is an error number and its message, as a replication thread left them. Number is 0 without an error.
type ThreadError struct {
	Number  int
	Message string
}

// Status is one channel (MySQL) or connection (MariaDB) of a replica. What the text does not say is left zero.
type Status struct {
	Line     int    // of the text, from 1, at which the channel's row begins
	Channel  string // Channel_Name or Connection_name; "" for the default one
	Channels int    // how many channels the text has, with this one

	Flavor      decoder.Flavor
	FlavorKnown bool   // false when the columns fit both: MySQL 5.1 to 5.5 and MariaDB 5.5 print the same
	Version     string // @@version, when it was pasted too

	// ReplicaWords: the columns say Replica and Source (MySQL 8.0.22 and later), not Slave and Master.
	ReplicaWords bool

	SourceHost     string
	SourcePort     int
	SourceUUID     string // MySQL
	SourceServerID uint32

	IORunning  string // Yes, No, Connecting, Preparing
	SQLRunning string

	Read  Place // Source_Log_File, Read_Source_Log_Pos: up to here the receiver has read the source's log
	Exec  Place // Relay_Source_Log_File, Exec_Source_Log_Pos: up to here the applier has applied the source's log
	Relay Place // Relay_Log_File, Relay_Log_Pos

	SQLError ThreadError
	IOError  ThreadError

	AutoPosition  bool   // MySQL
	RetrievedGTID string // MySQL: Retrieved_Gtid_Set, without white space
	ExecutedGTID  string // MySQL: Executed_Gtid_Set, without white space

	UsingGTID    string // MariaDB: No, Slave_Pos, Current_Pos
	GTIDIOPos    string // MariaDB: Gtid_IO_Pos
	GTIDSlavePos string // MariaDB: Gtid_Slave_Pos (SHOW ALL SLAVES STATUS only)
	ParallelMode string // MariaDB: Parallel_Mode

	Coordinator *Coordinator // performance_schema; nil when it was not pasted
	Workers     []Worker     // performance_schema, as pasted

	Delay int // SQL_Delay, in seconds

	Filters Filters // what the applier leaves out, and what it writes under another name

	shown bool // a row of SHOW … STATUS was read, not only rows of performance_schema

	// Why the text does not tell whether the thread has an error; "" when it does.
	sqlUnknown, ioUnknown string
}

// Coordinator is a row of performance_schema.replication_applier_status_by_coordinator.
type Coordinator struct {
	Error         ThreadError
	LastProcessed string // LAST_PROCESSED_TRANSACTION
	Processing    string // PROCESSING_TRANSACTION
}

// Worker is a row of performance_schema.replication_applier_status_by_worker.
type Worker struct {
	ID          int
	Running     bool // SERVICE_STATE is ON
	Error       ThreadError
	LastSeen    string // LAST_SEEN_TRANSACTION: MySQL 5.7
	LastApplied string // LAST_APPLIED_TRANSACTION: MySQL 8.0 and later
	Applying    string // APPLYING_TRANSACTION: MySQL 8.0 and later
}

// transaction is what the worker was at when it stopped.
func (w *Worker) transaction() string {
	if w.Applying != "" {
		return w.Applying
	}
	return w.LastSeen
}

// UsesGTID reports whether the replica finds its place in the source's log by GTID: Auto_Position 1 (MySQL), Using_Gtid
// other than No (MariaDB).
func (s *Status) UsesGTID() bool {
	return s.AutoPosition || s.UsingGTID != "" && !strings.EqualFold(s.UsingGTID, "No")
}

// maxStatus bounds the text that Read takes.
const maxStatus = 4 << 20

// Read is Parse for a text that is still to be read.
func Read(r io.Reader) ([]*Status, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxStatus+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxStatus:
		return nil, fmt.Errorf("expected a status of at most %d MiB, found more", maxStatus>>20)
	}
	return Parse(string(text))
}

// Parse reads every channel's status out of the text, in the order of their rows. The reason is ErrNotStatus when
// there is none and ErrTwoRows or ErrTwoColumns when something appears twice.
func Parse(text string) ([]*Status, error) {
	if isBinary(text) {
		return nil, notStatus(text)
	}
	plain := plainText(text)
	rows, err := readRows(plain)
	if err != nil {
		return nil, err
	}
	p := parser{channels: map[string]*Status{}}
	for _, r := range rows {
		if err := p.addRow(r); err != nil {
			return nil, err
		}
	}
	if !p.tellsError() {
		if err := p.addLoose(plain); err != nil {
			return nil, err
		}
	}
	if len(p.order) == 0 {
		return nil, notStatus(plain)
	}
	return p.finish(), nil
}

// tellsError reports whether it is known for all channels what error they have, if any.
func (p *parser) tellsError() bool {
	for _, s := range p.order {
		if s.shown && s.unknown() != "" && s.failedWorker() == nil {
			return false
		}
	}
	return len(p.order) > 0
}

// addLoose takes the message that stands outside of the status, if there is one.
func (p *parser) addLoose(text string) error {
	if rows, plain := cutJSON(text); len(rows) == 0 {
		text = plain
	}
	r, err := looseMessage(text)
	if r == nil || err != nil {
		return err
	}
	if len(p.order) == 0 {
		return p.addStatus(*r)
	}
	if len(p.order) == 1 && !p.order[0].failed() {
		s := p.order[0]
		s.SQLError, s.sqlUnknown = r.threadError([]string{"last_sql_errno"}, []string{"last_sql_error"})
		if r.has("last_io_errno") {
			s.SQLError, s.sqlUnknown = ThreadError{}, ""
			s.IOError, s.ioUnknown = r.threadError([]string{"last_io_errno"}, []string{"last_io_error"})
		}
		s.shown = true
	}
	return nil
}

// Pick returns the status of the only channel, or of the only one with an error. The reason is ErrWhichChannel when there is
// no single one.
func Pick(all []*Status) (*Status, error) {
	var failed, appliers []*Status
	for _, s := range all {
		if s.failed() {
			failed = append(failed, s)
		}
		if s.failed() && !s.onlyReceiverFailed() {
			appliers = append(appliers, s)
		}
	}
	switch {
	case len(all) == 1:
		return all[0], nil
	case len(failed) == 1:
		return failed[0], nil
	case len(appliers) == 1:
		return appliers[0], nil
	case len(failed) > 1:
		return nil, &fault.Error{Reason: ErrWhichChannel, What: "several channels have an error: " + quoteAll(names(failed))}
	}
	return nil, &fault.Error{Reason: ErrHealthy, What: "none of the channels has an error: " + quoteAll(names(all))}
}

// Named returns the status of a channel; "" is the default one. The reason is ErrWhichChannel when there is none.
func Named(all []*Status, channel string) (*Status, error) {
	for _, s := range all {
		if strings.EqualFold(s.Channel, channel) {
			return s, nil
		}
	}
	return nil, &fault.Error{Reason: ErrWhichChannel,
		What: fmt.Sprintf("the status has no channel %s, only %s", quote(channel), quoteAll(names(all)))}
}

func names(all []*Status) []string {
	var out []string
	for _, s := range all {
		out = append(out, s.Channel)
	}
	return out
}

// failed reports whether the status, or a worker of it, holds an error.
func (s *Status) failed() bool {
	return s.SQLError.Number != 0 || s.IOError.Number != 0 || s.failedWorker() != nil || s.unknown() != ""
}

// onlyReceiverFailed reports whether the receiver has an error, which stops nothing that has been received, and the applier none.
func (s *Status) onlyReceiverFailed() bool {
	return s.IOError.Number != 0 && s.SQLError.Number == 0 && s.failedWorker() == nil && s.unknown() == ""
}

// unknown is why the text does not tell whether the channel has an error; "" when it does. A thread that runs has none.
func (s *Status) unknown() string {
	runs := func(state string) bool { return strings.EqualFold(state, "Yes") }
	switch {
	case !s.shown, s.SQLError.Number != 0, s.IOError.Number != 0:
		return ""
	case s.sqlUnknown != "" && !runs(s.SQLRunning):
		return s.sqlUnknown
	case s.sqlUnknown != "" && s.ioUnknown != "" && !runs(s.IORunning):
		return s.sqlUnknown
	case s.ioUnknown != "" && (strings.EqualFold(s.IORunning, "No") || s.IOError.Message != ""):
		return s.ioUnknown
	}
	return ""
}

// parser gathers rows of several result sets into one Status per channel. Rows of performance_schema may come before
// the status they belong to.
type parser struct {
	channels map[string]*Status // by lower-case name
	order    []*Status
	version  string

	lowerCase  bool // @@lower_case_table_names is not 0
	filterRows []row
}

// finish completes all channels from the rows around them.
func (p *parser) finish() []*Status {
	for _, s := range p.order {
		s.Version, s.Channels = p.version, len(p.order)
		p.guessFlavor(s)
		s.Filters.FoldTables, s.Filters.LowerCase = s.FlavorKnown && s.Flavor == decoder.MariaDB, p.lowerCase
		for _, r := range p.filterRows {
			if !r.has("channel_name") || strings.EqualFold(r.text("channel_name"), s.Channel) {
				s.Filters.addFilters(r.filters())
			}
		}
	}
	return p.order
}

func (p *parser) addRow(r row) error {
	switch r.kind() {
	case statusRow:
		return p.addStatus(r)
	case workerRow:
		return p.addWorker(r)
	case coordinatorRow:
		return p.addCoordinator(r)
	case versionRow:
		p.version = r.text("@@version", "version()")
	case lowerCaseRow:
		p.lowerCase = r.text("@@lower_case_table_names") != "0"
	case filterRow:
		p.filterRows = append(p.filterRows, r)
	}
	return nil
}

// channel finds or makes the status of the row's channel.
func (p *parser) channel(r row) *Status {
	name := r.text("channel_name", "connection_name")
	s := p.channels[strings.ToLower(name)]
	if s == nil {
		s = &Status{Channel: name, Line: r.line}
		p.channels[strings.ToLower(name)] = s
		p.order = append(p.order, s)
	}
	return s
}

func (p *parser) addStatus(r row) error {
	s := p.channel(r)
	if s.shown {
		return twice(ErrTwoRows, "the status of channel "+quote(s.Channel), s.Line, r.line)
	}
	s.shown = true
	s.Line = r.line
	s.ReplicaWords = r.replicaWords
	s.SourceHost = r.text("master_host")
	s.SourcePort = int(r.number("master_port"))
	s.SourceUUID = r.text("master_uuid")
	s.SourceServerID = uint32(r.number("master_server_id"))
	s.IORunning = r.text("slave_io_running")
	s.SQLRunning = r.text("slave_sql_running")
	s.Read = Place{r.text("master_log_file"), r.number("read_master_log_pos")}
	s.Exec = Place{r.text("relay_master_log_file"), r.number("exec_master_log_pos")}
	s.Relay = Place{r.text("relay_log_file"), r.number("relay_log_pos")}
	s.IOError, s.ioUnknown = r.threadError([]string{"last_io_errno"}, []string{"last_io_error"})
	s.SQLError, s.sqlUnknown = r.threadError([]string{"last_sql_errno", "last_errno"}, []string{"last_sql_error", "last_error"})
	s.Filters = r.filters()
	s.Delay = int(r.number("sql_delay"))
	s.AutoPosition = r.number("auto_position") == 1
	s.RetrievedGTID = r.packed("retrieved_gtid_set")
	s.ExecutedGTID = r.packed("executed_gtid_set")
	s.UsingGTID = r.text("using_gtid")
	s.GTIDIOPos = r.packed("gtid_io_pos")
	s.GTIDSlavePos = r.packed("gtid_slave_pos")
	s.ParallelMode = r.text("parallel_mode")
	s.FlavorKnown = true
	switch {
	case r.has("using_gtid") || r.has("gtid_io_pos") || r.has("parallel_mode") || r.has("connection_name"):
		s.Flavor = decoder.MariaDB
	case r.has("auto_position") || r.has("master_uuid") || r.has("channel_name") || r.replicaWords:
		s.Flavor = decoder.MySQL
	default:
		s.FlavorKnown = false
	}
	return nil
}

func (p *parser) addWorker(r row) error {
	s := p.channel(r)
	id := int(r.number("worker_id"))
	for i := range s.Workers {
		if s.Workers[i].ID == id {
			return twice(ErrTwoRows, "worker "+strconv.Itoa(id)+" of channel "+quote(s.Channel), s.Line, r.line)
		}
	}
	s.Workers = append(s.Workers, Worker{
		ID:          id,
		Running:     strings.EqualFold(r.text("service_state"), "ON"),
		Error:       r.workerError(),
		LastSeen:    r.text("last_seen_transaction"),
		LastApplied: r.text("last_applied_transaction"),
		Applying:    r.text("applying_transaction"),
	})
	return nil
}

// workerError reads the error of a row of performance_schema. One that can't be told is left to the status.
func (r row) workerError() ThreadError {
	e, _ := r.threadError([]string{"last_error_number"}, []string{"last_error_message"})
	if r.text("last_error_number") == "0" {
		e.Number = 0
	}
	return e
}

func (p *parser) addCoordinator(r row) error {
	s := p.channel(r)
	if s.Coordinator != nil {
		return twice(ErrTwoRows, "the coordinator of channel "+quote(s.Channel), s.Line, r.line)
	}
	s.Coordinator = &Coordinator{
		Error:         r.workerError(),
		LastProcessed: r.text("last_processed_transaction"),
		Processing:    r.text("processing_transaction"),
	}
	return nil
}

var mariaVersion = regexp.MustCompile(`(?i)mariadb`)

// guessFlavor fills in what the columns left open: performance_schema's worker table is MySQL's, and a version names
// its family.
func (p *parser) guessFlavor(s *Status) {
	switch {
	case s.FlavorKnown:
	case p.version != "" && mariaVersion.MatchString(p.version):
		s.Flavor, s.FlavorKnown = decoder.MariaDB, true
	case p.version != "" || len(s.Workers) > 0 || s.Coordinator != nil:
		s.Flavor, s.FlavorKnown = decoder.MySQL, true
	}
}
