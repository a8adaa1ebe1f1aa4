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
	if year == 0 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month) {
		return 0, false
	}
	return daysUntil(year, month) + day - 1, true
}

// daysOf is how many days a month has.
func daysOf(year, month int64) int64 {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysUntil is the days from 1970 to the first day of a month. Years begin in March here, so that a leap day ends its year.
func daysUntil(year, month int64) int64 {
	const until1970 = 719468 // days from March of the year 0
	if month -= 3; month < 0 {
		month += 12
		year--
	}
	return year*365 + year/4 - year/100 + year/400 + (153*month+2)/5 - until1970
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
