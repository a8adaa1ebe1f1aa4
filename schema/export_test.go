package schema

// LibraryText is what the library alone reads of a character set of several bytes.
func LibraryText(charset string, b []byte) (string, bool) { return decode(charset, b) }

// IsMultibyte reports whether a character set has codes of one to four bytes.
func IsMultibyte(charset string) bool { return multibyte[charset] != nil }

// CharacterSize is the length of the character that text begins with.
func CharacterSize(charset string, b []byte) int { return characterSize(charset, b) }
