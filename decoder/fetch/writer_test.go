package fetch

import (
	"errors"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/remote"
)

// TestLogTwice: a source that goes back to a log that it has sent is no source.
func TestLogTwice(t *testing.T) {
	w := &writer{dir: t.TempDir()}
	var err error
	for _, name := range []string{"bin.000001", "bin.000002", "bin.000001"} {
		err = w.put([]byte("event"), decoder.Position{File: name, Offset: 4})
	}
	if !errors.Is(err, remote.ErrBegunAnew) || !strings.Contains(err.Error(), "sends bin.000001 a second time, after bin.000002") {
		t.Errorf("got %v", err)
	}
}
