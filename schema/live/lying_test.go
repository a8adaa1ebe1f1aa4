package live

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"binmend/decoder/dial"
)

const okPacket = "\x00\x00\x00\x02\x00\x00\x00"

// lie is a server that lets anyone in, says yes to the first statements, and has its own answer to the next one.
func lie(t *testing.T, yes int, answer ...string) Options {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		greeting := "\x0a9.7.4\x00" + "\x07\x00\x00\x00AAAAAAAA\x00" + "\xff\xf7" + "\x2d\x02\x00" + "\x08\x00" + "\x15" +
			strings.Repeat("\x00", 10) + "BBBBBBBBBBBB\x00mysql_native_password\x00"
		send(conn, 0, greeting)
		for n := 0; receive(conn) == nil; n++ {
			switch {
			case n == 0:
				send(conn, 2, okPacket) // the login
			case n <= yes:
				send(conn, 1, okPacket)
			default:
				for i, body := range answer {
					send(conn, i+1, body)
				}
				return
			}
		}
	}()
	port := l.Addr().(*net.TCPAddr).Port
	return Options{Host: "127.0.0.1", Port: port, User: "u", SSLMode: sslDisabled}
}

func send(w io.Writer, number int, body string) {
	packet := binary.LittleEndian.AppendUint32(nil, uint32(len(body)|number<<24))
	_, _ = w.Write(append(packet, body...))
}

func receive(r io.Reader) error {
	header := make([]byte, 4)
	if _, err := io.ReadFull(r, header); err != nil {
		return err
	}
	_, err := io.CopyN(io.Discard, r, int64(header[0])|int64(header[1])<<8|int64(header[2])<<16)
	return err
}

// TestServersThatLie: packets that are shorter than they say are an error, whatever the driver makes of them.
func TestServersThatLie(t *testing.T) {
	column := "\x03def\x00\x00\x00\x01x\x00\x0c\x2d\x00\x00\x01\x00\x00\xfd\x00\x00\x00\x00\x00"
	end := "\xfe\x00\x00\x02\x00"
	for name, options := range map[string]Options{
		"an OK without its status, to a SET":     lie(t, 0, "\x00\x00"),
		"an OK without its status, to a SELECT":  lie(t, 2, "\x00\x00"),
		"an OK with half a number":               lie(t, 2, "\x00\xfe\x01"),
		"an error without its number":            lie(t, 2, "\xff\x01"),
		"half a column":                          lie(t, 2, "\x04", column[:8]),
		"a column without a type":                lie(t, 2, "\x04", column[:12]),
		"a row with fewer values than columns":   lie(t, 2, "\x04", column, column, column, column, end, "\x019\x01a\x01b", end),
		"a row with a value longer than the row": lie(t, 2, "\x04", column, column, column, column, end, "\xfe\xff\xff\xff\xff\xff\xff\xff\x7f", end),
		"an end without its status":              lie(t, 2, "\x04", column, column, column, column, "\xfe"),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Connect(context.Background(), options)
			if err == nil {
				s.Close()
				t.Fatal("it is believed")
			}
			if !errors.Is(err, ErrConnection) || strings.Contains(name, "OK") && !errors.Is(err, dial.ErrNoAnswer) {
				t.Errorf("got %v", err)
			}
		})
	}
}
