// Package pull copies the logs of a running source into a folder, byte for byte, and goes on where it left off. In go the
// source, the folder and where to begin; out come log files under the source's names with an index file, as a server has
// them. A log that the source has finished is equal to the source's own; of the one that grows there is the beginning.
//
// What holds at every moment, also after kill -9, a full disk or the loss of power:
//
//   - The folder's logs are a run of the source's, without a gap; the last one may end inside an event.
//   - What was acknowledged to a semi-synchronous source was on disk, synced, before.
//   - What is there is never overwritten with something else. Before it goes on, the last event in the folder is compared
//     with the source's. Where the two differ nothing is written.
//
// The package moves events and verifies their checksums; it does not interpret them. One process at a time has a folder.
// Logs that a source keeps encrypted come decrypted, at the same positions.
package pull
