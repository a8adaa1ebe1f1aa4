package endtoend

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"binmend/cmd/app"
	"binmend/cmd/terminal"
)

// asProgram makes the test binary the program itself, for tests that send it signals.
const asProgram = "BINMEND_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		s := terminal.System()
		s.OptionFiles = nil // option files of this machine must not reach a test
		os.Exit(app.Main(os.Args, s))
	}
	os.Exit(m.Run())
}

// process is binmend in a process of its own.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	lines  chan string // of standard output
	mu     sync.Mutex
	stderr bytes.Buffer
}

// startProgram starts binmend as somebody whose ~/.my.cnf has the text home. It is killed at the end of the test.
func startProgram(t *testing.T, home string, args ...string) *process {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ".my.cnf"), []byte(home), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(os.Args[0], args...), lines: make(chan string, 100)}
	p.cmd.Env = []string{asProgram + "=1", "HOME=" + dir, "PATH=" + os.Getenv("PATH")}
	p.cmd.Stderr = p
	out, in := io.Pipe()
	p.cmd.Stdout = in
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.lines <- lines.Text()
		}
		close(p.lines)
	}()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		p.cmd.Wait()
		in.Close()
		if t.Failed() {
			t.Logf("standard error:\n%s", p.said())
		}
	})
	return p
}

// Write takes standard error.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.Write(b)
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// line waits for the next line of standard output.
func (p *process) line() string {
	p.t.Helper()
	select {
	case line := <-p.lines:
		return line
	case <-time.After(time.Minute):
		p.t.Fatal("no line for a minute")
	}
	return ""
}

// waitFor waits until standard error has a text.
func (p *process) waitFor(text string) {
	p.t.Helper()
	for deadline := time.Now().Add(time.Minute); !strings.Contains(p.said(), text); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("no %q for a minute", text)
		}
	}
}

// exit waits for the end of the process and returns its exit code.
func (p *process) exit() int {
	p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

// terminate ends the process as a service is ended.
func (p *process) terminate() (exit int) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	return p.exit()
}
