package statement

// charset is a client's character set in which the second byte of a character may be an ASCII byte. In all others, such as
// UTF-8, no byte of a multi-byte character looks like a quote or a backslash.
type charset uint8

const (
	other charset = iota
	latin1
	big5
	gb18030
	gbk
	sjis // and cp932, which has the same bytes
)

// charsetOf finds the character set of a collation. The number of a MariaDB NOPAD collation is that of the other plus 1024.
func charsetOf(collation uint16) charset {
	switch collation &^ 1024 {
	case 5, 8, 15, 31, 47, 48, 49, 94:
		return latin1
	case 1, 84:
		return big5
	case 248, 249, 250:
		return gb18030
	case 28, 87:
		return gbk
	case 13, 88, 95, 96:
		return sjis
	}
	return other
}

// size is the length of the character that b begins with. As on servers, it is 1 for an incomplete or invalid one (MySQL source:
// ismbchar_big5, ismbchar_gb18030, ismbchar_gbk, ismbchar_sjis).
func (c charset) size(b []byte) int {
	if c <= latin1 || b[0] < 0x80 || len(b) < 2 {
		return 1
	}
	two := false
	switch lead, next := b[0], b[1]; c {
	case big5:
		two = in(lead, 0xa1, 0xf9) && (in(next, 0x40, 0x7e) || in(next, 0xa1, 0xfe))
	case gbk:
		two = in(lead, 0x81, 0xfe) && (in(next, 0x40, 0x7e) || in(next, 0x80, 0xfe))
	case sjis:
		two = (in(lead, 0x81, 0x9f) || in(lead, 0xe0, 0xfc)) && (in(next, 0x40, 0x7e) || in(next, 0x80, 0xfc))
	case gb18030:
		if !in(lead, 0x81, 0xfe) {
			return 1
		}
		if in(next, 0x30, 0x39) && len(b) >= 4 && in(b[2], 0x81, 0xfe) && in(b[3], 0x30, 0x39) {
			return 4
		}
		two = in(next, 0x40, 0x7e) || in(next, 0x80, 0xfe)
	}
	if two {
		return 2
	}
	return 1
}

func in(c, least, most byte) bool { return least <= c && c <= most }

// isBlank reports whether a byte separates tokens. latin1 has a no-break space.
func (c charset) isBlank(b byte) bool {
	return b == ' ' || in(b, '\t', '\r') || b == 0xa0 && c == latin1
}

// isWordByte reports whether a byte can be part of an unquoted name.
func (c charset) isWordByte(b byte) bool {
	return in(b|0x20, 'a', 'z') || in(b, '0', '9') || b == '_' || b == '$' || b >= 0x80 && !c.isBlank(b)
}

func isDigit(b byte) bool { return in(b, '0', '9') }
