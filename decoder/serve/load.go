package serve

import "sync/atomic"

// Load is what a server is doing, and has done since it was made.
type Load struct {
	Connections int // clients that are connected
	Replicas    int // clients that are being sent events
	Dumps       int // times that a replica began to be sent events
	Refused     int // dumps that ended in an error for the replica
	Bytes       int // of events that were sent
}

// counters are what Load reads.
type counters struct{ replicas, dumps, refused, bytes atomic.Int64 }

// Load returns the current figures.
func (s *Server) Load() Load {
	s.mu.Lock()
	connections := len(s.sessions)
	s.mu.Unlock()
	return Load{Connections: connections, Replicas: int(s.load.replicas.Load()), Dumps: int(s.load.dumps.Load()),
		Refused: int(s.load.refused.Load()), Bytes: int(s.load.bytes.Load())}
}
