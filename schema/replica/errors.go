package replica

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

const pasteHint = "paste the output of mysql -E -e 'SHOW REPLICA STATUS' (SHOW SLAVE STATUS before MySQL 8.0.22 and on MariaDB)"

// NotStatusError: the text holds no replica status.
type NotStatusError struct {
	Found  string // what it holds instead
	Advice string
}

func (e *NotStatusError) Error() string { return "no replica status in the text: found " + e.Found }

// Hint says what to do about it.
func (e *NotStatusError) Hint() string { return e.Advice }

// DuplicateError: something that a status has once appears twice, so it can't be told which one is true.
type DuplicateError struct {
	What          string
	First, Second int // lines, from 1
	Advice        string
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("%s appears twice, in lines %d and %d", e.What, e.First, e.Second)
}

// Hint says what to do about it.
func (e *DuplicateError) Hint() string { return e.Advice }

const (
	keepOneRow    = "keep the newer one, with its line of asterisks, and delete the other"
	keepOneColumn = "an error message that quotes a value with line breaks can look like columns: delete those lines of the " +
		"message. Without the asterisks between them, two rows look like that too"
)

// ChannelError: the wanted channel is not in the status, or none was wanted and more than one could be meant.
type ChannelError struct {
	Wanted  string
	Present []string // the channels there are, when none has the wanted name
	Failed  []string // the channels with an error, when there is more than one
	Healthy []string // the channels, when there are several and none has an error
}

func (e *ChannelError) Error() string {
	switch {
	case len(e.Failed) > 0:
		return "several channels have an error: " + quoteAll(e.Failed)
	case len(e.Healthy) > 0:
		return "none of the channels has an error: " + quoteAll(e.Healthy)
	default:
		return fmt.Sprintf("the status has no channel %s, only %s", quote(e.Wanted), quoteAll(e.Present))
	}
}

// Hint says what to do about it.
func (e *ChannelError) Hint() string {
	if len(e.Healthy) > 0 {
		return "there is nothing to repair; look at the threads and at the lag instead"
	}
	return "choose one with --channel NAME; --channel= is the default channel"
}

// NoErrorError: the channel's status is complete and reports no error.
type NoErrorError struct {
	Channel    string
	IORunning  string
	SQLRunning string
}

func (e *NoErrorError) Error() string {
	s := "the status reports no error"
	if e.Channel != "" {
		s += " for channel " + quote(e.Channel)
	}
	return fmt.Sprintf("%s (receiver running: %s, applier running: %s)", s, orUnknown(e.IORunning), orUnknown(e.SQLRunning))
}

// Hint says what to do about it.
func (e *NoErrorError) Hint() string {
	if strings.EqualFold(e.SQLRunning, "No") {
		return "the applier was stopped without an error: START REPLICA (START SLAVE before MySQL 8.0.22 and on MariaDB)"
	}
	return "there is nothing to repair; to see what a transaction needs anyway, give --gtid or --start-position"
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
	e := &NotStatusError{Advice: pasteHint}
	switch {
	case trimmed == "":
		e.Found = "nothing"
	case strings.HasPrefix(text, "\xfebin"):
		e.Found = "a binary log"
		e.Advice = "give the log as an argument, and the text of the status to --status"
	case strings.HasPrefix(text, "\xfd\xfe") || strings.IndexByte(text, 0) >= 0:
		e.Found = "binary data"
	case strings.Contains(text, "Empty set"):
		e.Found = "an empty set"
		e.Advice = "this server is not a replica: run the statement on the replica that stopped"
	case serverError.MatchString(text):
		e.Found = "an error of the server: " + firstLine(serverError.FindString(text))
	case strings.Contains(text, "CREATE TABLE"):
		e.Found = "a schema dump"
		e.Advice = "give the dump to --schema, and the text of the status to --status"
	case strings.Contains(lower, "slave_io_state") || strings.Contains(lower, "replica_io_state"):
		e.Found = "names of columns without values"
	default: // not quoted: it may be a file with keys, given by mistake
		e.Found = fmt.Sprintf("%d bytes of other text", len(text))
	}
	return e
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
