package pull

// File is what the store needs of a log that it writes.
type File = file

// HookFiles lets a test stand between the store and its files until undo is called. No other test may run meanwhile.
func HookFiles(wrap func(File) File) (undo func()) {
	open := openFile
	openFile = func(name string) (file, error) {
		f, err := open(name)
		if err != nil {
			return nil, err
		}
		return wrap(f), nil
	}
	return func() { openFile = open }
}
