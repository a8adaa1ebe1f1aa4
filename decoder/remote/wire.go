package remote

import (
	"net"
	"time"
)

// wire is the connection below go-mysql's. Every read has a deadline, so that a source that is gone without a word is
// noticed.
type wire struct {
	net.Conn
	beforeRead func() error // nil until there is something to do
	err        error        // of the last read that failed
	own        error        // what beforeRead said
}

func (w *wire) Read(b []byte) (int, error) {
	n, err := w.read(b)
	if err != nil {
		w.err = err
	}
	return n, err
}

func (w *wire) read(b []byte) (int, error) {
	if w.beforeRead != nil {
		if w.own = w.beforeRead(); w.own != nil {
			return 0, w.own
		}
	}
	if err := w.SetReadDeadline(time.Now().Add(readTimeout)); err != nil {
		return 0, err
	}
	return w.Conn.Read(b)
}

func (w *wire) Write(b []byte) (int, error) {
	if err := w.SetWriteDeadline(time.Now().Add(readTimeout)); err != nil {
		return 0, err
	}
	return w.Conn.Write(b)
}
