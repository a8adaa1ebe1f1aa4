//go:build !linux

package terminal

import "os"

// widenPipe does nothing: only Linux lets a process say how much a pipe holds.
func widenPipe(*os.File) {}
