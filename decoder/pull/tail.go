package pull

import (
	"errors"
	"fmt"
	"io"
	"os"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

// tail is where a log ends.
type tail struct {
	end    int64 // after the last whole event; 0 when not even the magic number is whole
	resume int64 // where the last whole event begins that a dump can begin at
	damage error // what follows is not an event that was cut off
}

// findTail reads a log up to its last whole event, each proved by its checksum.
func findTail(name string) (tail, error) {
	f, err := logfile.Open(name)
	if errors.Is(err, decoder.ErrNotALog) {
		return emptyTail(name, err)
	}
	if err != nil {
		return tail{}, err
	}
	defer f.Close()
	t := tail{end: f.Offset(), resume: f.Offset()}
	r := decoder.NewReader(f)
	for {
		e, err := r.Next()
		switch {
		case err == io.EOF:
			return t, nil
		case errors.Is(err, decoder.ErrTruncated), errors.Is(err, decoder.ErrCorrupt), errors.Is(err, decoder.ErrUnsupported):
			if !cutOff(f, t.end) {
				t.damage = err
			}
			return t, nil
		case err != nil:
			return t, err
		}
		if e.Type == decoder.EventTransactionPayload {
			r.SkipPayload()
		}
		t.end = e.End()
		if e.Pos.Offset <= maxResume {
			t.resume = e.Pos.Offset
		}
	}
}

// emptyTail is the tail of a file without the magic number: a log that was just created, or not a log.
func emptyTail(name string, notALog error) (tail, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return tail{}, err
	}
	for i := range min(len(b), len(logfile.Magic)) {
		if b[i] != 0 && b[i] != logfile.Magic[i] {
			return tail{}, notALog
		}
	}
	return tail{}, nil
}

// cutOff reports whether what stands at an offset is the beginning of an event whose end is missing.
func cutOff(f *logfile.File, offset int64) bool {
	var raw [headerLength]byte
	n, err := f.ReadAt(raw[:], offset)
	if err != nil && err != io.EOF {
		return false
	}
	if n < headerLength {
		return true
	}
	h := decoder.ParseHeader(raw[:])
	return h.Type.IsKnown() && offset+int64(h.Length) > f.Size() && (h.EndLogPos == 0 || h.EndLogPos == uint32(offset)+h.Length)
}

const headerLength = 19

// keepRest copies what follows an offset of a log to a file beside it, before it is cut off. It may be all that is left of
// events that the source no longer has.
func keepRest(name string, offset int64) error {
	from, err := os.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	if _, err := from.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	to, err := os.OpenFile(fmt.Sprintf("%s.damaged-%d", name, offset), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return explainWrite(errors.Join(err, to.Sync(), to.Close()))
}
