package list

import (
	"fmt"
	"io"

	"binmend/decoder"
	"binmend/decoder/check"
	"binmend/decoder/words"
	"binmend/emit/display"
)

// Check lists what a check of a log has found. advice says what to do about a finding, "" when there is nothing to say.
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
