// Package remote reads the log of a running source over the replication protocol, as a replica does. In go the source's address
// and where to begin; out come raw events as they stand in the source's file, each with its position there and with its
// checksum, which the caller verifies. It interprets no rows, keeps nothing on disk, and never writes to a source: besides the
// dump it sends SELECT, SHOW, and SET of its own session's user variables.
//
// The handshake, the passwords, TLS and the packets are go-mysql's. Its BinlogSyncer is not used: it asks for events
// without checksums, keeps a whole event in memory, knows positions of 32 bits only, never ends at the log's end, and
// acknowledges before the caller has written anything.
package remote
