package compare

import (
	"context"
	"reflect"
	"testing"
	"time"
)

func TestParseLoads(t *testing.T) {
	for text, want := range map[string][]Load{
		"Threads_running=25":                        {{"Threads_running", 25}},
		"Threads_running:25, Threads_connected=100": {{"Threads_running", 25}, {"Threads_connected", 100}},
		"Threads_running":                           nil,
		"=5":                                        nil,
		"Threads_running=-1":                        nil,
		"":                                          nil,
	} {
		got, err := ParseLoads(text)
		if (err == nil) != (want != nil) || want != nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%q: found %v, %v", text, got, err)
		}
	}
}

// TestRowsPerSecond: reading keeps to the limit, and does not make up for time in which nothing was read.
func TestRowsPerSecond(t *testing.T) {
	p := newPace(Limits{RowsPerSecond: 10_000}, nil)
	time.Sleep(50 * time.Millisecond)
	begin := time.Now()
	for range 3 {
		if err := p.wait(context.Background(), 500); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(begin); took < 90*time.Millisecond {
		t.Errorf("1000 rows before the last chunk took %v", took)
	}
}
