// Package decoder reads MySQL and MariaDB binary logs and relay logs: bytes in, events and row images out. It knows the file
// format and nothing of SQL, schemas or servers. Everything streams: an event and what belongs to it are valid until the next
// call of Next.
package decoder
