// Package jsonb reads MySQL's binary JSON, the stored form of a JSON column since 5.7: bytes in, a tree of values or the
// text that the server prints out. It also applies the JSON diffs of partial updates. It knows no SQL, and nothing of
// MariaDB, whose JSON is text.
//
// A document is a type byte and a value (MySQL source: json_binary.h, json_binary.cc):
//
//	00 01  object, small and large     0–65535 or 0–2^32-1 members and bytes
//	02 03  array, small and large
//	04     literal                     1 byte: 0 null, 1 true, 2 false
//	05 06  int16, uint16
//	07 08  int32, uint32
//	09 0a  int64, uint64
//	0b     double                      8 bytes
//	0c     string                      length, utf8mb4 bytes
//	0f     opaque                      MySQL field type (1 byte), length, bytes
//
// A length has 7 bits a byte, the lowest first; the top bit says that more follow. An object or array is
//
//	bytes, small / large
//	2 / 4                number of elements
//	2 / 4                size of the whole value
//	per member of an object, ascending by length and then by bytes:
//	  2 / 4              offset of the key
//	  2                  length of the key
//	per element:
//	  1                  type
//	  2 / 4              the value itself if it is a literal or integer that fits, else its offset
//	keys, then values
//
// where offsets count from the number of elements. Integers are little-endian. A document of no bytes is what a server
// stores when it must put something for NULL into a NOT NULL column; like the server, this package reads it as null.
//
// # Trust
//
// Parse checks the whole document before it returns: every offset and length, the depth (100, as on the server), the
// order of keys, and the contents of opaque decimals and temporals. It refuses documents whose values overlap, as no
// server writes them, by charging each byte it visits against the size of the document. So a walk over a parsed
// document visits no more than the document has bytes, and the accessors of a Value cannot fail.
package jsonb
