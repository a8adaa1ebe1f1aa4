package logfile_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
)

// rawEventOf makes an event that is nothing but a length and a type.
func rawEventOf(kind decoder.EventType, length int) []byte {
	raw := make([]byte, length)
	raw[4] = byte(kind)
	binary.LittleEndian.PutUint32(raw[9:], uint32(length))
	for i := 19; i < length; i++ {
		raw[i] = byte(i)
	}
	return raw
}

// logOf makes a log of events.
func logOf(events ...[]byte) []byte {
	return append(bytes.Clone(logfile.Magic), bytes.Join(events, nil)...)
}

func saved(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What can't be read as a log is refused with what was found instead and what to do.
func TestNotALog(t *testing.T) {
	for _, tc := range []struct {
		name, content string
		reason        error
		what          string
	}{
		{"an empty file", "", logfile.ErrEmpty, "found an empty file"},
		{"two bytes", "\xfeb", decoder.ErrNotALog, `found "\xfeb"`},
		{"text", "# at 4\n", decoder.ErrNotALog, `found "# at"`},
		{"an index file", "./bin.000001\n", decoder.ErrNotALog, `found "./bi"`},
		{"encrypted by MySQL, cut", "\xfdbin", decoder.ErrTruncated, "expected an encryption header"},
	} {
		_, err := logfile.Open(saved(t, "log", []byte(tc.content)))
		checkError(t, tc.name, err, tc.reason, tc.what)
	}
	_, err := logfile.Open(t.TempDir())
	checkError(t, "a folder", err, logfile.ErrFolder, "found a folder")
	if _, err := logfile.Open(filepath.Join(t.TempDir(), "none")); !os.IsNotExist(err) {
		t.Errorf("no file: error %v", err)
	}
}

// What is wrong between events is said with the offset at which reading was sound.
func TestBadFraming(t *testing.T) {
	first := rawEventOf(decoder.EventStop, 30)
	for _, tc := range []struct {
		name   string
		tail   []byte
		reason error
		what   string
	}{
		{"half a header", make([]byte, 10), decoder.ErrTruncated, "expected an event header of 19 bytes, the file ends after 10"},
		{"half an event", rawEventOf(decoder.EventStop, 100)[:60], decoder.ErrTruncated, "expected an event of 100 bytes, the file ends after 60"},
		{"a length of 18", changedLength(18), logfile.ErrNoEvent, "at least 19 bytes, its header says 18"},
		{"zeros", make([]byte, 4096), logfile.ErrUnwritten, "found zero bytes"},
		{"a length of 4 GiB", changedLength(0xffffffff), decoder.ErrTruncated, "expected an event of 4294967295 bytes"},
	} {
		f, err := logfile.NewReader(bytes.NewReader(append(logOf(first), tc.tail...)), "log")
		if err != nil {
			t.Fatal(err)
		}
		if raw, pos, err := f.Next(); !bytes.Equal(raw, first) || pos.Offset != 4 || err != nil {
			t.Errorf("%s: the event before it is %x at %v, %v", tc.name, raw, pos, err)
		}
		_, _, err = f.Next()
		checkError(t, tc.name, err, tc.reason, tc.what)
		var e *fault.Error
		if errors.As(err, &e) && (e.Pos != decoder.Position{File: "log", Offset: 34}) {
			t.Errorf("%s: at %v, want log:34", tc.name, e.Pos)
		}
	}
}

func changedLength(n uint32) []byte {
	raw := rawEventOf(decoder.EventStop, 40)
	binary.LittleEndian.PutUint32(raw[9:], n)
	return raw
}

func checkError(t *testing.T, name string, err, reason error, what string) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || !errors.Is(err, reason) {
		t.Errorf("%s: error %v, want %v", name, err, reason)
		return
	}
	if !strings.Contains(e.What, what) {
		t.Errorf("%s: says %q, want %q", name, e.What, what)
	}
}

// manyEvents has events below and above every size of the buffer, the last of 3 MiB.
func manyEvents() (events [][]byte) {
	for _, length := range []int{19, 20, 100, 32<<10 - 1, 32 << 10, 32<<10 + 1, 19, 1 << 20, 21, 3 << 20, 22} {
		events = append(events, rawEventOf(decoder.EventXid, length))
	}
	return events
}

// However the bytes come, the events are the same.
func TestReaders(t *testing.T) {
	events := manyEvents()
	log := logOf(events...)
	for name, r := range map[string]io.Reader{
		"all at once":        bytes.NewReader(log),
		"half of what fits":  iotest.HalfReader(bytes.NewReader(log)),
		"the end with bytes": iotest.DataErrReader(bytes.NewReader(log)),
		"from a pipe":        pipe(log),
		"first byte by byte": io.MultiReader(iotest.OneByteReader(bytes.NewReader(log[:1000])), bytes.NewReader(log[1000:])),
	} {
		f, err := logfile.NewReader(r, "log")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		offset := int64(len(logfile.Magic))
		for i, want := range events {
			raw, pos, err := f.Next()
			if err != nil || !bytes.Equal(raw, want) || pos.Offset != offset {
				t.Errorf("%s: event %d: %d bytes at %v, %v; want %d at %d", name, i, len(raw), pos, err, len(want), offset)
			}
			offset += int64(len(want))
		}
		if _, _, err := f.Next(); err != io.EOF {
			t.Errorf("%s: error %v at the end", name, err)
		}
		if f.CanSeek() || f.Size() != -1 || f.SeekTo(4) == nil || f.Close() != nil {
			t.Errorf("%s: a stream is taken for a file", name)
		}
	}
}

func pipe(content []byte) io.Reader {
	r, w := io.Pipe()
	go func() {
		w.Write(content)
		w.Close()
	}()
	return r
}

// A failing disk is not the end of a log.
func TestReadError(t *testing.T) {
	log := logOf(rawEventOf(decoder.EventStop, 40))
	for _, at := range []int{2, 4, 10, 30} {
		broken := io.MultiReader(bytes.NewReader(log[:at]), iotest.ErrReader(errors.New("disk on fire")))
		f, err := logfile.NewReader(broken, "log")
		if err == nil {
			_, _, err = f.Next()
		}
		if err == nil || !strings.Contains(err.Error(), "disk on fire") || !strings.HasPrefix(err.Error(), "log: ") {
			t.Errorf("at %d: error %v", at, err)
		}
	}
}

func TestSeek(t *testing.T) {
	events := manyEvents()
	path := saved(t, "bin.000001", logOf(events...))
	f, err := logfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Name() != path || !f.CanSeek() || f.Size() != int64(len(logOf(events...))) {
		t.Errorf("name %q, size %d", f.Name(), f.Size())
	}
	for i := len(events) - 1; i >= 0; i-- {
		at := offsetOf(events, i)
		if err := f.SeekTo(at); err != nil {
			t.Fatal(err)
		}
		for _, want := range events[i:min(i+2, len(events))] {
			raw, pos, err := f.Next()
			if err != nil || !bytes.Equal(raw, want) || pos.Offset != at {
				t.Errorf("sought to event %d: %d bytes at %v, %v; want %d at %d", i, len(raw), pos, err, len(want), at)
			}
			at += int64(len(want))
			if f.Offset() != at {
				t.Errorf("the next event is at %d, want %d", f.Offset(), at)
			}
		}
		header := make([]byte, 19)
		if _, err := f.ReadAt(header, offsetOf(events, i)); err != nil || !bytes.Equal(header, events[i][:19]) {
			t.Errorf("bytes at event %d: %x, %v", i, header, err)
		}
	}
}

func offsetOf(events [][]byte, n int) int64 {
	offset := int64(len(logfile.Magic))
	for _, e := range events[:n] {
		offset += int64(len(e))
	}
	return offset
}

// A log that a server still writes goes on where reading met its end, in the middle of an event or not.
func TestGrowingLog(t *testing.T) {
	first, second := rawEventOf(decoder.EventStop, 30), rawEventOf(decoder.EventStop, 50000)
	path := saved(t, "bin.000001", logOf(first, second[:20000]))
	f, err := logfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, _, err := f.Next(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Next(); !errors.Is(err, decoder.ErrTruncated) {
		t.Errorf("half an event: error %v", err)
	}
	if err := os.WriteFile(path, logOf(first, second), 0o600); err != nil {
		t.Fatal(err)
	}
	if raw, pos, err := f.Next(); err != nil || !bytes.Equal(raw, second) || pos.Offset != 34 {
		t.Errorf("when the rest is there: %d bytes at %v, %v", len(raw), pos, err)
	}
	if _, _, err := f.Next(); err != io.EOF {
		t.Errorf("after it: error %v", err)
	}
}

func TestFiles(t *testing.T) {
	format, stop := rawEventOf(decoder.EventFormatDescription, 100), rawEventOf(decoder.EventStop, 19)
	begin, xid := rawEventOf(decoder.EventQuery, 60), rawEventOf(decoder.EventXid, 31)
	one := saved(t, "bin.000001", logOf(format, begin, xid, begin, xid))
	two := saved(t, "bin.000002", logOf(format, begin, stop))
	holed := logfile.Opener{Holes: map[string][]logfile.Hole{one: {{From: 104, To: 195}}}}
	for _, tc := range []struct {
		name  string
		files *logfile.Files
		want  string // file and offset of each event
	}{
		{"two files", logfile.OpenFiles(one, two), "1:4 1:104 1:164 1:195 1:255 2:4 2:104 2:164"},
		{"from an offset of the first", logfile.Opener{}.OpenFilesAt(195, one, two), "1:4 1:195 1:255 2:4 2:104 2:164"},
		{"from the end of the first", logfile.Opener{}.OpenFilesAt(286, one, two), "1:4 2:4 2:104 2:164"},
		{"over a hole", holed.OpenFiles(one, two), "1:4 1:195 1:255 2:4 2:104 2:164"},
		{"from after a hole", holed.OpenFilesAt(255, one), "1:4 1:255"},
		{"no file", logfile.OpenFiles(), ""},
	} {
		var got []string
		for {
			_, pos, err := tc.files.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
			got = append(got, fmt.Sprintf("%s:%d", pos.File[len(pos.File)-1:], pos.Offset))
		}
		if got := strings.Join(got, " "); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
		if err := tc.files.Close(); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	missing := logfile.OpenFiles(one, one+".gone")
	for range 5 {
		if _, _, err := missing.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := missing.Next(); !os.IsNotExist(err) {
		t.Errorf("a file that is not there: error %v", err)
	}
}

// FuzzFraming: the events of any bytes stand one after the other, as they are in the file.
func FuzzFraming(f *testing.F) {
	f.Add(logOf(rawEventOf(decoder.EventStop, 30), rawEventOf(decoder.EventStop, 19)))
	f.Add(logOf(changedLength(18)))
	f.Add([]byte("text"))
	f.Fuzz(func(t *testing.T, log []byte) {
		if bytes.HasPrefix(log, []byte("\xfdbin")) {
			t.Skip("encrypted; FuzzEncrypted has them")
		}
		if !bytes.HasPrefix(log, logfile.Magic) {
			t.Skip("compressed perhaps; FuzzPacked has them")
		}
		r, err := logfile.NewReader(bytes.NewReader(log), "log")
		if err != nil {
			return
		}
		at := int64(len(logfile.Magic))
		for {
			raw, pos, err := r.Next()
			var known *fault.Error
			if err != nil && err != io.EOF && !errors.As(err, &known) {
				t.Fatalf("error %v says not where", err)
			}
			if err != nil {
				return
			}
			if raw[4] == byte(decoder.EventMariaStartEncryption) {
				t.Skip("encrypted")
			}
			if pos.Offset != at || !bytes.Equal(raw, log[at:at+int64(len(raw))]) {
				t.Fatalf("the event at %d is said to be at %d: %x", at, pos.Offset, raw)
			}
			at += int64(len(raw))
		}
	})
}

// Many small files are read with one buffer.
func TestManyFilesOneBuffer(t *testing.T) {
	const files = 50
	log := logOf(bytes.Repeat(rawEventOf(decoder.EventQuery, 1000), 500))
	var names []string
	for range files {
		names = append(names, saved(t, "log", log))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fs := logfile.OpenFiles(names...)
	events := 0
	for ; ; events++ {
		if _, _, err := fs.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if events != files*500 {
		t.Errorf("%d events, want %d", events, files*500)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
		t.Errorf("%d KiB were allocated for %d files of %d KiB", took>>10, files, len(log)>>10)
	}
}
