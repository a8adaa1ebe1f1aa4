package terminal

import (
	"os"
	"syscall"
)

// pipeBytes is the most that a pipe holds where the administrator has not set another bound (proc_sys_fs: pipe-max-size).
const pipeBytes = 1 << 18

// widenPipe lets a pipe hold what is written at once. A pipe of the usual 64 KiB is full in between: then the writer waits, is woken for
// each few KiB that the reader takes, and work that could be done meanwhile waits with it. Where this is not allowed, the pipe
// stays as it is; of what is no pipe, nothing changes.
func widenPipe(f *os.File) {
	const setPipeSize = 1031 // F_SETPIPE_SZ
	_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), setPipeSize, pipeBytes)
}
