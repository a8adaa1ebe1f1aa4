// Package serve is a source for replicas that consists only of log files: it listens like a MySQL or MariaDB server, lets
// replicas log in, and sends them the events of the logs in a folder, from a position or what they lack by their GTIDs. It
// follows the last log while it is still being written (by binmend pull).
//
// In go a folder of binary logs with or without an index file, an account file, and what clients send. Out come raw events as
// the files hold them, each checksum verified. Rows are never interpreted. A log that can't be served correctly (damaged,
// encrypted without its key, with a gap before the next) ends the dump in error 1236 with the reason, never in silence. It
// writes nothing to the folder and executes no statement; the few that replicas and clients send before a dump have fixed
// answers.
//
// # What is go-mysql's and what is not
//
// Packets, their splitting, error codes and result sets are those of github.com/go-mysql-org/go-mysql (packages packet and
// mysql). Its server package is not used, for these reasons, all of them in v1.13.0:
//
//   - it needs passwords in clear text (CredentialProvider), so an account file could not hold hashes;
//   - it has one authentication plugin per server, not per account, and its salt comes from the clock;
//   - it reads a handshake with unchecked indexes, and an event of any size or a password as large as the client says;
//   - a dump ends by closing the connection: there is no way to send error 1236;
//   - it drops the flags of a dump and reads no tagged GTIDs;
//   - events go through a queue of parsed events, each copied three times. Even its packets are written from a copy of the
//     event, so this package has its own writer for events.
package serve
