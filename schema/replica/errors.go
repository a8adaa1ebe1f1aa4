package replica

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"binmend/decoder/fault"
)

// The reasons why a text does not say what has failed.
var (
	ErrNotStatus = fault.NewReason("no replica status")
	ErrIsLog     = ErrNotStatus.Kind("a log instead of a status")
	ErrIsDump    = ErrNotStatus.Kind("a dump instead of a status")
	ErrEmptySet  = ErrNotStatus.Kind("the status of a server that is not a replica")
	ErrMessages  = ErrNotStatus.Kind("messages of different failures")

	ErrTwoRows    = fault.NewReason("a row that a status has once appears twice")
	ErrTwoColumns = fault.NewReason("a column appears twice")

	ErrWhichChannel = fault.NewReason("which channel is meant is not known")
	ErrHealthy      = fault.NewReason("no channel has an error")
	ErrNoError      = fault.NewReason("the status reports no error")
	ErrStopped      = ErrNoError.Kind("the applier was stopped without an error")
	ErrNoNumber     = fault.NewReason("the status is incomplete: whether there is an error is not known")

	ErrNoPlace       = fault.NewReason("the status is incomplete: which transaction has failed is not known")
	ErrRelayNotGiven = ErrNoPlace.Kind("the relay log that the status names is not among the logs")
)

// noStatus is the error of a text in which something else was found than a status.
func noStatus(reason *fault.Reason, found string) error {
	return &fault.Error{Reason: reason, What: "no replica status in the text: found " + found}
}

// twice is the error for something that a status must have once and has twice: which one is true is not known. Lines are counted from 1.
func twice(reason *fault.Reason, what string, first, second int) error {
	return &fault.Error{Reason: reason, What: fmt.Sprintf("%s appears twice, in lines %d and %d", what, first, second)}
}

// noError is the error of a status that is complete and reports none.
func noError(s *Status) error {
	e := &fault.Error{Reason: ErrNoError, What: "the status reports no error"}
	if s.Channel != "" {
		e.What += " for channel " + quote(s.Channel)
	}
	e.What += fmt.Sprintf(" (receiver running: %s, applier running: %s)", orUnknown(s.IORunning), orUnknown(s.SQLRunning))
	if strings.EqualFold(s.SQLRunning, "No") {
		e.Reason = ErrStopped
	}
	return e
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// quote keeps names out of the text on one line, whatever they hold.
func quote(name string) string {
	if name == "" {
		return "'' (the default channel)"
	}
	q := strconv.Quote(name)
	return "'" + q[1:len(q)-1] + "'"
}

func quoteAll(all []string) string {
	const most = 10
	var out []string
	for _, name := range all[:min(len(all), most)] {
		out = append(out, quote(name))
	}
	if len(all) > most {
		out = append(out, fmt.Sprintf("and %d more", len(all)-most))
	}
	return strings.Join(out, ", ")
}

var serverError = regexp.MustCompile(`(?m)^ERROR \d+ \([0-9A-Z]{5}\).*$`)

// isBinary reports whether what was given is no text: a log, or data. UTF-16 is text.
func isBinary(text string) bool {
	return strings.HasPrefix(text, "\xfebin") || strings.HasPrefix(text, "\xfd\xfe\xff\xff") || strings.IndexByte(decodeUTF16(text), 0) >= 0
}

// notStatus says what a text without a status is.
func notStatus(text string) error {
	trimmed := strings.TrimSpace(text)
	lower := strings.ToLower(text)
	switch {
	case trimmed == "":
		return noStatus(ErrNotStatus, "nothing")
	case strings.HasPrefix(text, "\xfebin"):
		return noStatus(ErrIsLog, "a binary log")
	case strings.HasPrefix(text, "\xfd\xfe") || strings.IndexByte(text, 0) >= 0:
		return noStatus(ErrNotStatus, "binary data")
	case strings.Contains(text, "Empty set"):
		return noStatus(ErrEmptySet, "an empty set")
	case serverError.MatchString(text):
		return noStatus(ErrNotStatus, "an error of the server: "+firstLine(serverError.FindString(text)))
	case strings.Contains(text, "CREATE TABLE"):
		return noStatus(ErrIsDump, "a schema dump")
	case strings.Contains(lower, "slave_io_state") || strings.Contains(lower, "replica_io_state"):
		return noStatus(ErrNotStatus, "names of columns without values")
	case numberIn(text) != 0:
		return noStatus(ErrNotStatus, fmt.Sprintf("a message of error %d that names neither a transaction nor a place", numberIn(text)))
	}
	// Not quoted: it may be a file with keys, given by mistake.
	return noStatus(ErrNotStatus, fmt.Sprintf("%d bytes of other text", len(text)))
}

// firstLine is the beginning of a text, short enough for a message.
func firstLine(s string) string {
	const most = 100
	s, _, _ = strings.Cut(s, "\n")
	s = strings.ToValidUTF8(strings.TrimSpace(s), "�")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
