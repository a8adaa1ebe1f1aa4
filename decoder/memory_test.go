package decoder_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"runtime"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/fixtures/octets"
)

const mebibyte = 1 << 20

// TestHostileSizes: a log of at most 1 MiB that claims, or inflates to, far more is refused with little memory.
func TestHostileSizes(t *testing.T) {
	mysql := readFile(t, "../fixtures/mysql-9.7/compressed/relay.000002")
	mariadb := readFile(t, "../fixtures/mariadb-11.8/compressed/relay.000002")
	bomb := sized(512 * mebibyte)
	for _, tc := range []struct {
		name string
		log  []byte
		kind error
	}{
		{"an event that claims 2 GiB", claim(mysql, 0x7fffffff), decoder.ErrTruncated},
		{"a compressed transaction of one event of 47 MiB", withEvent(mysql, 40, payloadOf(octets.Zstd(sized(47*mebibyte)))), nil},
		{"a compressed transaction of one event of 512 MiB", withEvent(mysql, 40, payloadOf(octets.Zstd(bomb))), decoder.ErrTooLarge},
		{"a compressed transaction of zstd that needs 128 MiB", withEvent(mysql, 40, payloadOf(zstdOfWindow(27, sized(1000)))), decoder.ErrTooLarge},
		{"a compressed statement of 512 MiB", withEvent(mariadb, 165, compressedQuery(octets.Zlib(bomb), len(bomb))), decoder.ErrTooLarge},
		{"a compressed statement that claims 4 GiB", withEvent(mariadb, 165, compressedQuery(octets.Zlib(bomb[:1000]), 1<<32-1)), decoder.ErrTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if len(tc.log) > mebibyte {
				t.Fatalf("the log has %d bytes", len(tc.log))
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_, err := walkStatements(tc.log)
			runtime.ReadMemStats(&after)
			if !errors.Is(err, tc.kind) {
				t.Errorf("error %v, want %v", err, tc.kind)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 64*mebibyte {
				t.Errorf("%d MiB were allocated in all", used/mebibyte)
			}
		})
	}
}

// sized makes an event of zero bytes but for its length.
func sized(length int) []byte {
	event := make([]byte, length)
	binary.LittleEndian.PutUint32(event[9:], uint32(length))
	return event
}

// walkStatements reads a log like walk, and the statements in it.
func walkStatements(log []byte) (int, error) {
	f, err := logfile.NewReader(bytes.NewReader(log), "log")
	if err != nil {
		return 0, err
	}
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			return 0, err
		}
		if e.Type == decoder.EventMariaQueryCompressed {
			if _, err := e.Query(); err != nil {
				return 0, err
			}
		}
	}
	return 0, nil
}

// claim adds an event whose header says that it has length bytes.
func claim(log []byte, length uint32) []byte {
	head := make([]byte, 19)
	head[4] = byte(decoder.EventQuery)
	binary.LittleEndian.PutUint32(head[9:], length)
	return append(bytes.Clone(log), head...)
}

// withEvent adds an event with a right checksum.
func withEvent(log []byte, kind byte, body []byte) []byte {
	event := make([]byte, 19, 19+len(body)+4)
	event[4] = kind
	binary.LittleEndian.PutUint32(event[9:], uint32(19+len(body)+4))
	event = append(event, body...)
	event = binary.LittleEndian.AppendUint32(event, crc32.ChecksumIEEE(event))
	return append(bytes.Clone(log), event...)
}

func payloadOf(compressed []byte) []byte {
	body := []byte{2, 1, 0, 1, 5, 0xfe}
	body[4] = 9
	body = binary.LittleEndian.AppendUint64(body, uint64(len(compressed)))
	return append(append(body, 0), compressed...)
}

func compressedQuery(compressed []byte, length int) []byte {
	body := append(make([]byte, 13), 0, 0x84)
	body = binary.BigEndian.AppendUint32(body, uint32(length))
	return append(body, compressed...)
}

// zstdOfWindow is a frame of one raw block that asks for a window of 2^log bytes (RFC 8878).
func zstdOfWindow(log int, data []byte) []byte {
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, byte(log-10) << 3}
	return append(append(frame, byte(len(data)<<3|1), byte(len(data)>>5), byte(len(data)>>13)), data...)
}
