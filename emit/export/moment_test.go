package export

import (
	"testing"
	"time"
)

// TestParseDay: every day from 0001 to 9999 is the one that package time has, and what is no day is none.
func TestParseDay(t *testing.T) {
	day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for want := day.Unix() / secondsPerDay; day.Year() < 10000; want++ {
		text := day.AppendFormat(nil, time.DateOnly)
		if got, ok := parseDay(text); !ok || got != want {
			t.Fatalf("%s: %d %v, want %d", text, got, ok, want)
		}
		day = day.AddDate(0, 0, 1)
	}
	for _, text := range []string{"0000-01-01", "2023-02-29", "1900-02-29", "2024-04-31", "2024-00-10", "2024-13-01", "2024-01-00", "2024-12-32", "2024-1-011", ""} {
		if got, ok := parseDay([]byte(text)); ok {
			t.Errorf("%s: day %d", text, got)
		}
	}
}
