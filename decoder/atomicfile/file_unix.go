//go:build !windows

package atomicfile

import (
	"io/fs"
	"os"

	"github.com/google/renameio/v2"
)

func newFile(root *os.Root, name string, mode fs.FileMode) (File, error) {
	options := []renameio.Option{renameio.WithPermissions(mode)}
	if root != nil {
		options = append(options, renameio.WithRoot(root))
	}
	return renameio.NewPendingFile(name, options...)
}
