// Package pull copies the logs of a running source into a folder, byte for byte, and goes on where it left off. In go the
// source, the folder and where to begin; out come log files under the source's names with an index file, as on a server. A
// finished log is identical to the source's; the growing one is a prefix of the source's.
//
// At every moment, even after kill -9, a full disk or a power failure:
//
//   - The folder's logs are a run of the source's, without a gap; the last one may end inside an event.
//   - What was acknowledged to a semi-synchronous source had been synced to disk before.
//   - What is there is never overwritten with something else. Before it goes on, the last event in the folder is compared
//     with the source's. Where the two differ nothing is written.
//
// The package copies events and verifies their checksums; it does not interpret them. Only one process at a time may use a
// folder. Logs that a source keeps encrypted arrive decrypted, at the same positions.
package pull
