package display

import (
	"fmt"
	"strconv"
)

// Number writes n with a comma between groups of three digits.
func Number(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	if len(digits) <= 3 {
		return digits
	}
	b := make([]byte, 0, len(digits)+len(digits)/3)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b = append(b, ',')
		}
		b = append(b, digits[i])
	}
	return string(b)
}

// Count is "1 row" or "2 rows": a number and the thing counted, given in the singular.
func Count(n uint64, what string) string {
	if n != 1 {
		what += "s"
	}
	return Number(n) + " " + what
}

// Bytes writes a size with about three digits: "999 B", "1.2 KiB", "45.0 MiB".
func Bytes(n uint64) string {
	if n < 1<<10 {
		return strconv.FormatUint(n, 10) + " B"
	}
	value := float64(n)
	for _, unit := range []string{"KiB", "MiB", "GiB", "TiB", "PiB"} {
		value /= 1 << 10
		if value < 1000 {
			return fmt.Sprintf("%.1f %s", value, unit)
		}
	}
	return fmt.Sprintf("%.1f EiB", value/(1<<10))
}

// Seconds writes a duration in its two largest units: "45 s", "3 min 20 s", "2 h 5 min", "4 d 1 h".
func Seconds(n int64) string {
	units := []struct {
		seconds int64
		name    string
	}{{24 * 3600, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}}
	for i, unit := range units {
		if n < unit.seconds {
			continue
		}
		text := fmt.Sprintf("%d %s", n/unit.seconds, unit.name)
		if i+1 < len(units) {
			if rest := n % unit.seconds / units[i+1].seconds; rest > 0 {
				text += fmt.Sprintf(" %d %s", rest, units[i+1].name)
			}
		}
		return text
	}
	return "0 s"
}

// Decimal writes a number with one digit after the point if it is small, and none if it is not.
func Decimal(v float64) string {
	switch {
	case v < 10:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 1000:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return Number(uint64(v + 0.5))
}

// Percent is the share of part in all; "<1 %" if it is small.
func Percent(part, all uint64) string {
	percent := float64(part) / float64(all) * 100
	switch {
	case all == 0 || part == 0:
		return "0 %"
	case percent < 1:
		return "<1 %"
	}
	return fmt.Sprintf("%.0f %%", percent)
}
