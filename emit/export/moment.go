package export

import "time"

const (
	secondsPerDay = 24 * 60 * 60
	microseconds  = 1_000_000
)

// parseDay reads the date at the beginning of a DATE, DATETIME or TIMESTAMP as the decoder prints it: YYYY-MM-DD. It returns days
// since 1970. ok is false for an impossible date: one with a zero part, or 30 February.
func parseDay(text []byte) (days int64, ok bool) {
	if len(text) < 10 || text[4] != '-' || text[7] != '-' {
		return 0, false
	}
	year, month, day := digitsOf(text[:4]), digitsOf(text[5:7]), digitsOf(text[8:10])
	if year == 0 || month < 1 || month > 12 || day < 1 {
		return 0, false
	}
	t := time.Date(int(year), time.Month(month), int(day), 0, 0, 0, 0, time.UTC)
	return t.Unix() / secondsPerDay, t.Day() == int(day) && (t.Unix()%secondsPerDay == 0)
}

// parseMoment reads a DATETIME or TIMESTAMP as the decoder prints it: YYYY-MM-DD hh:mm:ss and up to six fraction digits. It returns
// microseconds since 1970.
func parseMoment(text []byte) (micros int64, ok bool) {
	days, ok := parseDay(text)
	if !ok || len(text) < 19 {
		return 0, false
	}
	hour, minute, second := digitsOf(text[11:13]), digitsOf(text[14:16]), digitsOf(text[17:19])
	if hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	micros = ((days*24+hour)*60+minute)*60 + second
	micros *= microseconds
	unit := int64(microseconds / 10)
	for _, c := range text[min(20, len(text)):] {
		micros += int64(c-'0') * unit
		unit /= 10
	}
	return micros, true
}

func digitsOf(text []byte) (n int64) {
	for _, c := range text {
		n = n*10 + int64(c-'0')
	}
	return n
}

// The days that every engine has: ClickHouse 26.7 refuses a file with a DATE before or after them.
var (
	firstDay = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay
	lastDay  = time.Date(2299, 12, 31, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay
)

// isPortable reports whether every engine has a day.
func isPortable(day int64) bool { return day >= firstDay && day <= lastDay }
