package list

import (
	"fmt"
	"io"
	"time"

	"binmend/decoder"
	"binmend/decoder/check"
	"binmend/decoder/words"
	"binmend/emit/display"
)

// Check lists what a check of a log found. advice says what to do about a finding, "" for nothing.
func Check(out io.Writer, r *check.Report, advice func(error) string) {
	state := "whole"
	if r.Worst() == check.Damage {
		state = "DAMAGED"
	}
	fmt.Fprintf(out, "%s: %s, %s, %s", display.Printable(r.File), state, words.Count(r.Events, "event"), words.Count(r.Transactions, "transaction"))
	if r.Format != nil {
		checksums := "no checksums"
		if r.Format.Checksum == decoder.ChecksumCRC32 {
			checksums = "CRC32"
		}
		fmt.Fprintf(out, ", %s %s, %s", r.Format.Server.Flavor, display.Printable(r.Format.Server.Text), checksums)
	}
	if r.First != 0 {
		fmt.Fprintf(out, ", %s to %s", words.Clock(int64(r.First)), words.Clock(int64(r.Last)))
	}
	fmt.Fprintln(out)
	for _, f := range r.Findings {
		fmt.Fprintf(out, "  %s at %d: %s\n", f.Severity, f.Pos.Offset, display.Printable(f.Text()))
		if text := advice(&f.Error); text != "" {
			fmt.Fprintf(out, "    %s\n", display.Printable(text))
		}
	}
	if r.More > 0 {
		fmt.Fprintf(out, "  and %s more\n", words.Count(r.More, "finding"))
	}
	if r.Skipped > 0 {
		fmt.Fprintf(out, "  %d bytes passed over after damage\n", r.Skipped)
	}
}

// checked is what a check of a log has found, as JSON.
type checked struct {
	Version      int           `json:"version"`
	File         string        `json:"file"`
	Whole        bool          `json:"whole"`            // no damage was found in what was read
	Read         bool          `json:"read_to_end"`      // false: the check was interrupted
	Size         *int64        `json:"size"`             // null when it is unknown
	Flavor       string        `json:"flavor,omitempty"` // of the server that wrote the log
	Server       string        `json:"server_version,omitempty"`
	Checksums    bool          `json:"checksums"`
	Events       int           `json:"events"`
	Transactions int           `json:"transactions"`
	First        string        `json:"first_time,omitempty"` // of the first transaction
	Last         string        `json:"last_time,omitempty"`
	Safe         int64         `json:"stop_position"` // up to here every transaction is whole
	Skipped      int64         `json:"skipped_bytes"` // after damage
	Findings     []findingForm `json:"findings"`
	More         int           `json:"more_findings"` // that are not listed
}

type findingForm struct {
	Severity string `json:"severity"` // note, gap or damage
	Offset   int64  `json:"offset"`
	Text     string `json:"text"`
	Advice   string `json:"advice,omitempty"`
}

// CheckJSON is Check as one JSON object on a line. isRead is false for a check that was interrupted.
func CheckJSON(out io.Writer, r *check.Report, isRead bool, advice func(error) string) error {
	form := checked{Version: version, File: r.File, Whole: r.Worst() != check.Damage, Read: isRead, Events: r.Events, Transactions: r.Transactions,
		Safe: r.Safe, Skipped: r.Skipped, Findings: []findingForm{}, More: r.More}
	if r.Size >= 0 {
		form.Size = &r.Size
	}
	if r.Format != nil {
		form.Flavor, form.Server = r.Format.Server.Flavor.String(), r.Format.Server.Text
		form.Checksums = r.Format.Checksum == decoder.ChecksumCRC32
	}
	if r.First != 0 {
		form.First, form.Last = rfc3339(r.First), rfc3339(r.Last)
	}
	for _, f := range r.Findings {
		form.Findings = append(form.Findings, findingForm{f.Severity.String(), f.Pos.Offset, f.Text(), advice(&f.Error)})
	}
	return display.NewEncoder(out).Encode(form)
}

// rfc3339 is a timestamp as JSON has it.
func rfc3339(timestamp uint32) string {
	return time.Unix(int64(timestamp), 0).UTC().Format(time.RFC3339)
}
