package where

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pingcap/tidb/pkg/parser"
	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"

	"binmend/decoder/statement"
)

// Bounds on what the text of a condition makes the program do.
const (
	maxDepth = 100
	maxText  = 1 << 20
)

// SyntaxError says what of a condition is not understood.
type SyntaxError struct {
	Near string // the text from there on; "" for its end, or for the condition as a whole
	What string
}

func (e *SyntaxError) Error() string {
	if e.Near == "" {
		return e.What
	}
	return fmt.Sprintf("%s at %q", e.What, e.Near)
}

// Parse reads a condition.
func Parse(text string) (*Condition, error) {
	if len(text) > maxText {
		return nil, &SyntaxError{What: fmt.Sprintf("longer than %d bytes", maxText)}
	}
	plain, err := plainLiterals(text)
	if err != nil {
		return nil, err
	}
	e, err := expression(plain)
	if err != nil {
		return nil, err
	}
	root, err := condition(e, 0)
	if err != nil {
		return nil, err
	}
	return &Condition{text: text, root: root}, nil
}

// expression parses an expression.
func expression(text string) (e ast.ExprNode, err error) {
	defer func() {
		if recover() != nil { // the parser's DECIMAL has no room for more than 81 digits, and panics
			e, err = nil, &SyntaxError{What: "a number has more digits than a DECIMAL"}
		}
	}()
	const before = "DO "
	p := parser.New()
	p.SetSQLMode(mysql.ModeNoBackslashEscapes)
	list, _, err := p.Parse(before+text, "utf8mb4", "utf8mb4_bin")
	if err != nil {
		_, near, _ := strings.Cut(err.Error(), `near "`)
		near, _, _ = strings.Cut(near, `"`+" ")
		near = strings.TrimSuffix(near, `"`)
		if strings.TrimSpace(text) == "" || near == "" {
			return nil, &SyntaxError{What: "the condition is not whole"}
		}
		return nil, &SyntaxError{What: "not understood", Near: near}
	}
	if len(list) == 1 {
		if do, ok := list[0].(*ast.DoStmt); ok && len(do.Exprs) == 1 {
			return do.Exprs[0], nil
		}
	}
	return nil, &SyntaxError{What: "expected one condition"}
}

// numberFunction stands around what is written as a hex string, and is a number: 0x… and b'…'. The parser knows no difference.
const numberFunction = "binmend_number"

// plainLiterals writes the literals of a condition so that the parser keeps what they are: 0x… and b'…' are numbers where one is
// compared, x'…' is one to MySQL and a string to MariaDB. n'…' is a string.
func plainLiterals(text string) (string, error) {
	scanner := statement.NewScanner([]byte(text), statement.Context{SQLMode: statement.NoBackslashEscapes})
	var out strings.Builder
	done := 0
	for {
		t := scanner.Scan()
		if t.Kind == statement.End {
			out.WriteString(text[done:])
			return out.String(), nil
		}
		word := string(scanner.Text(t))
		replaced := ""
		switch {
		case t.Unclosed:
			return "", &SyntaxError{What: "a quote that does not close", Near: text[t.Start:]}
		case t.Kind == statement.Comment || t.Kind == statement.Hint:
			return "", &SyntaxError{What: "a comment", Near: text[t.Start:]}
		case t.Kind == statement.Number && strings.HasPrefix(word, "0x"):
			digits := word[2:]
			replaced = hexNumber(strings.Repeat("0", len(digits)%2) + digits)
		case t.Kind == statement.String && word[0]|0x20 == 'b':
			digits := string(scanner.AppendString(nil, t))
			if digits == "" || strings.Trim(digits, "01") != "" {
				return "", &SyntaxError{What: "expected binary digits", Near: text[t.Start:]}
			}
			replaced = hexNumber(hexOfBits(digits))
		case t.Kind == statement.String && word[0]|0x20 == 'n':
			replaced = " " + word[1:]
		default:
			continue
		}
		out.WriteString(text[done:t.Start])
		out.WriteString(replaced)
		done = t.Start + len(word)
	}
}

func hexNumber(digits string) string { return numberFunction + "(x'" + digits + "')" }

// hexOfBits are the bytes of binary digits in hex.
func hexOfBits(digits string) string {
	bytes := make([]byte, (len(digits)+7)/8)
	for i := range len(digits) {
		at := len(digits) - 1 - i // of the bit, from the lowest
		bytes[len(bytes)-1-at/8] |= (digits[i] - '0') << (at % 8)
	}
	return hex.EncodeToString(bytes)
}
