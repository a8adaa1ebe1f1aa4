package replica

import (
	"strings"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// Thread is the replication thread that stopped.
type Thread uint8

const (
	Applier  Thread = iota // SQL thread, coordinator or worker
	Receiver               // IO thread
)

func (t Thread) String() string {
	if t == Receiver {
		return "receiver"
	}
	return "applier"
}

// Failure says what failed and where to look for it. A locator uses the most exact of the four places that is known:
//
//  1. GTID: the transaction itself.
//  2. Event: the source's file and end_log_pos of an event of the transaction, the failing one. MariaDB 11.8 gives its
//     row events no end_log_pos; then Event.Pos is 0 and only the file is known.
//  3. Applied: the first transaction that it does not include, where the event's position is not known.
//  4. Exec: everything before it on the source has been applied, so with one applier the failing transaction is the
//     first that begins at or after it; with several appliers others may lie between.
//
// Relay is the same as Exec in the relay log, with one exception: MariaDB's parallel applier moves it to the next file
// although a transaction that began in the file before has not been applied. So the search starts at Relay and, when
// Event or Exec lies before what is found there, goes on in the relay log before.
type Failure struct {
	Thread  Thread
	Channel string
	Number  int
	Message string // the most detailed there is; quotes values of the log, so it is not fit for output as it stands

	GTID      gtid.GTID // zero when unknown
	Anonymous bool      // the applier says that the transaction has none
	ByWorker  bool      // one of several parallel appliers failed
	Event     Place
	Exec      Place
	Relay     Place

	// Applied is MariaDB's gtid_slave_pos where the replica goes by GTID. Transactions of another domain may have moved Exec
	// past the failing one.
	Applied gtid.List

	Cause Message // what the messages tell of it
}

// Failure says what stopped the channel. An applier's error comes before a receiver's, which stops nothing that has
// been received. The reason is ErrNoError when nothing failed, and
// ErrNoNumber when the text does not say.
func (s *Status) Failure() (*Failure, error) {
	w := s.failedWorker()
	switch {
	case s.SQLError.Number == stoppedBehindAnother && w != nil:
		return s.applierFailure(w.Error, w), nil
	case s.SQLError.Number != 0:
		return s.applierFailure(s.SQLError, w), nil
	case w != nil:
		return s.applierFailure(w.Error, w), nil
	case s.Coordinator != nil && s.Coordinator.Error.Number != 0:
		return s.applierFailure(s.Coordinator.Error, nil), nil
	case s.IOError.Number != 0:
		return &Failure{
			Thread: Receiver, Channel: s.Channel, Number: s.IOError.Number, Message: s.IOError.Message,
			Exec: s.Exec, Relay: s.Relay,
		}, nil
	case s.unknown() != "":
		return nil, noNumber(s)
	default:
		return nil, noError(s)
	}
}

// applierFailure joins the status's message with the worker's, which knows more.
func (s *Status) applierFailure(e ThreadError, w *Worker) *Failure {
	f := &Failure{Channel: s.Channel, Number: e.Number, Message: e.Message, Exec: s.Exec, Relay: s.Relay}
	if s.Flavor == decoder.MariaDB && s.UsesGTID() {
		f.Applied, _ = gtid.ParseList(s.GTIDSlavePos) // without it the other places count
	}
	message := readMessage(e.Message)
	f.ByWorker = w != nil || message.Worker
	f.fill(message)
	if w == nil {
		return f
	}
	f.fill(readMessage(w.Error.Message))
	f.setTransaction(w.transaction())
	f.Message = w.Error.Message
	return f
}

// fill adds what is not known yet.
func (f *Failure) fill(d Message) {
	f.setTransaction(d.Transaction)
	if (f.Event.Pos == 0 || f.Event.File == "") && d.Event != (Place{}) {
		f.Event = d.Event
	}
	if event := f.Event; f.Cause.Change == UnknownChange && f.Cause.Query == "" {
		f.Cause = d
		f.Cause.Event = event
	}
}

// setTransaction takes a transaction's name when none is known yet: servers also print ANONYMOUS,
// NOT_YET_DETERMINED or nothing.
func (f *Failure) setTransaction(name string) {
	if !f.GTID.IsZero() {
		return
	}
	if strings.EqualFold(name, "ANONYMOUS") {
		f.Anonymous = true
		return
	}
	if g, err := gtid.Parse(name); err == nil {
		f.GTID = g
	}
}

// stoppedBehindAnother is the error of a worker that had to give up because one before it failed (MySQL:
// ER_REPLICA_WORKER_STOPPED_PREVIOUS_THD_ERROR, with replica_preserve_commit_order). It can be the last error of a status,
// although the other worker's is the one to mend.
const stoppedBehindAnother = 3030

// failedWorker is the worker whose failure the status reports: the one that the status's message names. A message that
// names none, or a text without a status, goes with the first worker of the same, or of any, error number.
func (s *Status) failedWorker() *Worker {
	if s.SQLError.Number == stoppedBehindAnother {
		return s.workerInFront()
	}
	named := readMessage(s.SQLError.Message)
	for i := range s.Workers {
		w := &s.Workers[i]
		switch {
		case w.Error.Number == 0, s.SQLError.Number != 0 && s.SQLError.Number != w.Error.Number:
			continue
		case named.Worker && !named.sameFailure(readMessage(w.Error.Message)):
			continue
		}
		return w
	}
	return nil
}

// workerInFront is the first worker that failed by itself.
func (s *Status) workerInFront() *Worker {
	for i := range s.Workers {
		if n := s.Workers[i].Error.Number; n != 0 && n != stoppedBehindAnother {
			return &s.Workers[i]
		}
	}
	return nil
}

// sameFailure reports whether two messages speak of the same transaction and event. The coordinator's may lack the file.
func (d Message) sameFailure(o Message) bool {
	sameFile := d.Event.File == o.Event.File || d.Event.File == "" || o.Event.File == ""
	return d.Transaction == o.Transaction && d.Event.Pos == o.Event.Pos && sameFile
}
