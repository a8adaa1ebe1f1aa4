// Package watch waits for replicas to stop and leaves one repair script per error in a folder. In go instances, each with
// a way to reach its replica; out come, per instance, the scripts, a log of what was seen, and a lock that keeps a second
// watcher away. Instances makes those of running servers; the watcher itself sees a status and a writer.
//
// A script has its name when it is whole, and not before. Names are made of an instance's address, the time, and what
// the server says of its channel and of the place of the error; nothing of that is trusted (see fileName).
//
// It executes nothing on a server, and starts no process but the command that is to be told of a script.
package watch
