package parquetfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// maxFooter bounds a footer that is read, in bytes.
const maxFooter = 64 << 20

// ReadFooter reads what the end of a Parquet file of so many bytes says of it: its columns, and how many rows it has.
func ReadFooter(file io.ReaderAt, size int64) (*format.FileMetaData, error) {
	tail := make([]byte, 4+len(magic))
	if _, err := file.ReadAt(tail, max(0, size-int64(len(tail)))); err != nil && err != io.EOF {
		return nil, err
	}
	n := int64(binary.LittleEndian.Uint32(tail))
	if string(tail[4:]) != magic || n > size-int64(len(tail)+len(magic)) {
		return nil, errors.New("expected a whole Parquet file: its end is not that of one")
	}
	if n > maxFooter {
		return nil, fmt.Errorf("expected a footer of at most %d bytes, found one of %d", maxFooter, n)
	}
	text := make([]byte, n)
	if _, err := file.ReadAt(text, size-int64(len(tail))-n); err != nil {
		return nil, err
	}
	footer := &format.FileMetaData{}
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), text, footer); err != nil {
		return nil, fmt.Errorf("the footer of the Parquet file: %w", err)
	}
	return footer, nil
}
