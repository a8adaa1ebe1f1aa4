// Package endtoend holds the tests that need all of the project and real servers: replicas are broken, fix writes a script,
// the line's own client runs it, and replication has to go on. It has no code but tests.
//
//   - TestBreaks and TestValues break a replica in one known way after the other, written in testdata.
//   - TestChaos breaks replicas at random.
//   - TestWatch and those named after it watch replicas that stop, with the program in a process of its own.
//   - TestBrokenReplicas repairs replicas that were broken elsewhere.
package endtoend
