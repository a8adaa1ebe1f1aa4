package dump

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"

	"binmend/decoder/fault"
	"binmend/decoder/logfile"
)

// The reasons of a schema file that holds no text.
var (
	ErrNoText = fault.NewReason("no text in the schema file")
	ErrEmpty  = ErrNoText.Kind("an empty schema file")
	ErrIsLog  = ErrNoText.Kind("a binary log for a schema file")
)

// textFile is the text of a file, with what has to be closed after it.
type textFile struct {
	io.Reader
	io.Closer
}

// plainText reads the text of a schema file: what gzip or zstd has compressed, and UTF-16, which PowerShell's > writes, as
// UTF-8. What is empty or no text is an error: skipped, its tables would only be missing later.
func plainText(r io.Reader, name string) (io.ReadCloser, error) {
	const enough = 4096 // bytes by which text is told from other data
	unpacked, err := logfile.Unpacked(r)
	if err != nil {
		return nil, fmt.Errorf("reading schema file %s: %w", name, err)
	}
	b := bufio.NewReaderSize(unpacked, enough)
	begin, err := b.Peek(enough)
	if err != nil && err != io.EOF {
		unpacked.Close()
		return nil, fmt.Errorf("reading schema file %s: %w", name, err)
	}
	order, isUTF16 := byteOrder(begin)
	if isUTF16 {
		return textFile{unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(b), unpacked}, nil
	}
	if reason, what := notText(begin); reason != nil {
		unpacked.Close()
		return nil, &fault.Error{Reason: reason, About: "schema file " + name, What: "expected CREATE TABLE statements, found " + what}
	}
	return textFile{b, unpacked}, nil
}

// byteOrder tells UTF-16 by its byte order mark or, without one, by the zero bytes of its plain letters.
func byteOrder(begin []byte) (order unicode.Endianness, ok bool) {
	switch {
	case bytes.HasPrefix(begin, []byte{0xff, 0xfe}):
		return unicode.LittleEndian, true
	case bytes.HasPrefix(begin, []byte{0xfe, 0xff}):
		return unicode.BigEndian, true
	case len(begin) >= 4 && begin[0] == 0 && begin[1] != 0 && begin[2] == 0 && begin[3] != 0:
		return unicode.BigEndian, true
	case len(begin) >= 4 && begin[0] != 0 && begin[1] == 0 && begin[2] != 0 && begin[3] == 0:
		return unicode.LittleEndian, true
	}
	return unicode.BigEndian, false
}

// notText says what the beginning of a file is that is no text; nil when it is.
func notText(begin []byte) (reason *fault.Reason, what string) {
	switch {
	case len(bytes.TrimSpace(bytes.TrimPrefix(begin, []byte("\xef\xbb\xbf")))) == 0:
		return ErrEmpty, "an empty file"
	case bytes.HasPrefix(begin, []byte("\xfebin")), bytes.HasPrefix(begin, []byte("\xfdbin")):
		return ErrIsLog, "a binary log"
	case bytes.HasPrefix(begin, []byte("PK\x03\x04")):
		return ErrNoText, "a zip archive"
	case bytes.HasPrefix(begin, []byte("BZh")):
		return ErrNoText, "a file compressed with bzip2"
	case bytes.HasPrefix(begin, []byte("\xfd7zXZ\x00")):
		return ErrNoText, "a file compressed with xz"
	case bytes.IndexByte(begin, 0) >= 0:
		return ErrNoText, "binary data"
	}
	return nil, ""
}
