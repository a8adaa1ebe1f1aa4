package decoder

import (
	"encoding/hex"
	"math"
	"testing"

	"binmend/fixtures/octets"
)

// TestAppendText holds the stored bytes of each column type against the text of their value.
func TestAppendText(t *testing.T) {
	for _, tc := range []struct {
		name string
		col  Column
		hex  string // as stored, blanks ignored
		want string
	}{
		{"TINYINT", Column{Type: TypeTiny}, "80", "-128"},
		{"TINYINT UNSIGNED", Column{Type: TypeTiny, Sign: Unsigned}, "80", "128"},
		{"SMALLINT", Column{Type: TypeShort}, "feff", "-2"},
		{"MEDIUMINT", Column{Type: TypeInt24}, "000080", "-8388608"},
		{"MEDIUMINT UNSIGNED", Column{Type: TypeInt24, Sign: Unsigned}, "ffffff", "16777215"},
		{"INT", Column{Type: TypeLong}, "00000080", "-2147483648"},
		{"BIGINT", Column{Type: TypeLonglong}, "0000000000000080", "-9223372036854775808"},
		{"BIGINT UNSIGNED", Column{Type: TypeLonglong, Sign: Unsigned}, "ffffffffffffffff", "18446744073709551615"},
		{"FLOAT", Column{Type: TypeFloat}, "cdcccc3d", "0.1"},
		{"DOUBLE, smallest denormal", Column{Type: TypeDouble}, "0100000000000000", "5e-324"},
		{"DOUBLE, negative zero", Column{Type: TypeDouble}, "0000000000000080", "-0"},
		{"DECIMAL(14,4)", Column{Type: TypeNewDecimal, Precision: 14, Scale: 4}, "81 0dfb38d2 04d2", "1234567890.1234"},
		{"DECIMAL(14,4), negative", Column{Type: TypeNewDecimal, Precision: 14, Scale: 4}, "7e f204c72d fb2d", "-1234567890.1234"},
		{"DECIMAL(5,0) zero", Column{Type: TypeNewDecimal, Precision: 5}, "800000", "0"},
		{"DECIMAL(3,3)", Column{Type: TypeNewDecimal, Precision: 3, Scale: 3}, "8007", "0.007"},
		{"BIT(10)", Column{Type: TypeBit, Length: 10}, "0201", "1000000001"},
		{"YEAR", Column{Type: TypeYear}, "7c", "2024"},
		{"YEAR 0000", Column{Type: TypeYear}, "00", "0000"},
		{"DATE with a zero part", Column{Type: TypeDate}, "0fd00f", "2024-00-15"},
		{"DATE zero", Column{Type: TypeDate}, "000000", "0000-00-00"},
		{"old TIME", Column{Type: TypeTime}, "f70200", "00:07:59"},
		{"old TIME, negative", Column{Type: TypeTime}, "590a80", "-838:59:59"},
		{"old DATETIME", Column{Type: TypeDatetime}, "f77cac8b68120000", "2024-02-29 23:59:59"},
		{"old TIMESTAMP zero", Column{Type: TypeTimestamp}, "00000000", "0000-00-00 00:00:00"},
		{"TIMESTAMP(3)", Column{Type: TypeTimestamp2, Scale: 3}, "65937fc5 1a7c", "2024-01-02 03:15:17.678"},
		{"TIMESTAMP(0) zero", Column{Type: TypeTimestamp2}, "00000000", "0000-00-00 00:00:00"},
		{"TIMESTAMP(3) zero", Column{Type: TypeTimestamp2, Scale: 3}, "00000000 0000", "0000-00-00 00:00:00.000"},
		{"TIMESTAMP(3) within the first second", Column{Type: TypeTimestamp2, Scale: 3}, "00000000 000a", "1970-01-01 00:00:00.001"},
		{"old TIMESTAMP(3) within the first second", Column{Type: TypeTimestamp, Scale: 3}, "00000000 0001", "1970-01-01 00:00:00.001"},
		{"TIMESTAMP, last", Column{Type: TypeTimestamp2}, "7fffffff", "2038-01-19 03:14:07"},
		{"DATETIME(6)", Column{Type: TypeDatetime2, Scale: 6}, "99b2bb7efb 01e240", "2024-02-29 23:59:59.123456"},
		{"DATETIME zero", Column{Type: TypeDatetime2}, "8000000000", "0000-00-00 00:00:00"},
		{"TIME(2), negative", Column{Type: TypeTime2, Scale: 2}, "7f3747 b2", "-12:34:56.78"},
		{"TIME(6), smallest", Column{Type: TypeTime2, Scale: 6}, "4b9104 f0bdc1", "-838:59:59.999999"},
		{"TIME(1)", Column{Type: TypeTime2, Scale: 1}, "800001 32", "00:00:01.5"},
		{"TIME", Column{Type: TypeTime2}, "b46efb", "838:59:59"},
		{"ENUM", Column{Type: TypeEnum, Length: 2}, "2c01", "300"},
		{"SET of 64", Column{Type: TypeSet, Length: 8}, "ffffffffffffffff", "18446744073709551615"},
		{"VARCHAR", Column{Type: TypeVarchar}, hex.EncodeToString([]byte("naïve")), "naïve"},
		{"COMPRESSED, stored as it is", Column{Type: TypeVarcharCompressed}, "00616263", "abc"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			data := octets.Unhex(t, tc.hex)
			if plan := cellPlanOf(&tc.col); plan.fixed != 0 && plan.fixed != len(data) {
				t.Fatalf("the column stores %d bytes, the test has %d", plan.fixed, len(data))
			}
			got, err := NewCell(&tc.col, data).AppendText(nil)
			if err != nil || string(got) != tc.want {
				t.Errorf("%x: got %q, %v; want %q", data, got, err, tc.want)
			}
		})
	}
}

// TestNullAndAbsent: neither has text, and they are told apart.
func TestNullAndAbsent(t *testing.T) {
	col := Column{Type: TypeLong}
	for want, cell := range map[CellState]Cell{Absent: {}, Null: NullCell(&col), Value: NewCell(&col, make([]byte, 4))} {
		if cell.State() != want {
			t.Errorf("state %d, want %d", cell.State(), want)
		}
	}
	if got, err := NullCell(&col).AppendText([]byte("x")); string(got) != "x" || err != nil {
		t.Errorf("NULL appended %q, %v", got, err)
	}
}

func TestFloats(t *testing.T) {
	col := Column{Type: TypeDouble}
	if got := NewCell(&col, []byte{0, 0, 0, 0, 0, 0, 0xf8, 0x7f}).Float64(); !math.IsNaN(got) {
		t.Errorf("got %v, want NaN", got)
	}
	if got := NewCell(&col, []byte{1}).Float64(); got != 0 {
		t.Errorf("a value of the wrong size gave %v, want 0", got)
	}
}
