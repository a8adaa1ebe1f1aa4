package schema

import (
	"slices"
	"strings"

	"binmend/decoder/statement"
)

// exprKind is the kind of an expression's value, as far as storing it in a column depends on it.
type exprKind uint8

const (
	exprUnknown exprKind = iota
	exprNull
	exprInteger
	exprDecimal
	exprReal
	exprString
	exprDate
)

// storesAsCast reports whether the server stores a value of the kind in the column as package sqltext converts it: whole numbers
// by rounding half away from zero into the column's range, which is how strings and decimals are stored but not doubles; text
// cut to the column's length. What else a conversion may do (two-digit years, the number of an ENUM member, text of a DOUBLE,
// dates by sql_mode) is not known here.
func (c *Column) storesAsCast(kind exprKind) bool {
	switch {
	case c.Zerofill || kind == exprUnknown:
		return false
	case kind == exprNull:
		return true
	case c.Type.IsInteger():
		return kind == exprInteger || kind == exprDecimal || kind == exprString
	case c.Type == TypeDecimal:
		return kind != exprDate
	case c.Type == TypeTinyText || c.Type == TypeTinyBlob: // cut by bytes
		return false
	case c.Type.IsString():
		return kind != exprReal && (c.Type.IsText() || kind == exprString)
	case c.Type == TypeDouble:
		return kind == exprReal && c.Length == 0 && !c.Unsigned // DOUBLE(7,2) rounds
	case c.Type == TypeDate:
		return kind == exprDate
	}
	return false
}

// readsExactly reports whether an expression gives the same over literals as over the columns themselves. It may not: as text, a
// ZEROFILL column has its zeros and a FLOAT fewer digits; a BIT, YEAR or ENUM is a number or not depending on the context, except
// for an ENUM in an expression that computes no numbers.
func (t *Table) readsExactly(inputs []int, tokens []exprToken) bool {
	return !slices.ContainsFunc(inputs, func(input int) bool {
		c := &t.Columns[input]
		switch c.Type {
		case TypeEnum, TypeSet:
			return slices.ContainsFunc(tokens, exprToken.counts)
		case TypeDouble, TypeDate, TypeTime, TypeDatetime, TypeTimestamp, TypeDecimal, TypeJSON:
			return c.Zerofill
		}
		return c.Zerofill || !c.Type.IsInteger() && !c.Type.IsString()
	})
}

// ComputesExactly reports whether SQL over a row of literals of the columns' types gives the value of a key part's expression.
func (t *Table) ComputesExactly(part *KeyPart) bool {
	return t.readsExactly(part.Columns, exprTokens(part.Expr))
}

// exprToken is a token of an expression.
type exprToken struct {
	kind statement.TokenKind
	text string
	name string // of what can be a name, in lower case
}

func exprTokens(expr string) (tokens []exprToken) {
	s := statement.NewScanner([]byte(expr), statement.Context{})
	for {
		t := s.Next()
		if t.Kind == statement.End {
			return tokens
		}
		name, _ := s.Name(t)
		tokens = append(tokens, exprToken{t.Kind, string(s.Text(t)), strings.ToLower(string(name))})
	}
}

// counts reports whether an ENUM beside the token may be the number of its member.
func (t exprToken) counts() bool {
	switch t.kind {
	case statement.Number:
		return true
	case statement.Operator:
		return strings.Contains("+-*/%&|^~<<>>", t.text)
	}
	return t.kind == statement.Word && slices.Contains([]string{"cast", "convert", "div", "mod", "bin", "hex", "ord", "abs", "round", "elt", "make_set"}, t.name)
}

func (t exprToken) is(text string) bool { return t.kind == statement.Operator && t.text == text }

// exprKind is the kind of the value of an expression: the value of a column or a literal, a function of which the kind is known,
// arithmetic, or a choice between such.
func (t *Table) exprKind(tokens []exprToken) exprKind {
	for enclosed(tokens) {
		tokens = tokens[1 : len(tokens)-1]
	}
	if n := len(tokens); n > 2 && tokens[n-2].name == "collate" && tokens[n-2].kind == statement.Word {
		return t.exprKind(tokens[:n-2])
	}
	switch {
	case len(tokens) == 0:
		return exprUnknown
	case len(tokens) == 1:
		return t.operandKind(tokens[0])
	case len(tokens) == 2 && tokens[1].kind == statement.String && tokens[0].kind == statement.Word && tokens[0].name[0] == '_':
		return t.operandKind(tokens[1])
	case len(tokens) == 3 && tokens[1].is("->>"):
		return exprString
	case tokens[0].kind == statement.Word && tokens[0].name == "case":
		return t.caseKind(tokens)
	case tokens[0].kind == statement.Word && enclosed(tokens[1:]):
		return t.callKind(tokens[0].name, tokens[2:len(tokens)-1])
	}
	return t.arithmeticKind(tokens)
}

// enclosed reports whether a parenthesis stands around all of it.
func enclosed(tokens []exprToken) bool {
	if len(tokens) < 2 || !tokens[0].is("(") {
		return false
	}
	depth := 0
	for i, t := range tokens {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			if depth--; depth == 0 {
				return i == len(tokens)-1
			}
		}
	}
	return false
}

func (t *Table) operandKind(token exprToken) exprKind {
	switch {
	case token.kind == statement.Number:
		switch {
		case strings.ContainsAny(token.text, "xXbB"):
			return exprUnknown
		case strings.ContainsAny(token.text, "eE"):
			return exprReal
		case strings.Contains(token.text, "."):
			return exprDecimal
		}
		return exprInteger
	case token.kind == statement.String:
		if token.text[0] != '\'' {
			return exprUnknown
		}
		return exprString
	case token.name == "null" && token.kind == statement.Word:
		return exprNull
	}
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return token.name != "" && strings.EqualFold(c.Name, token.name) })
	if i < 0 {
		return exprUnknown
	}
	switch c := &t.Columns[i]; {
	case c.Type.IsInteger():
		return exprInteger
	case c.Type == TypeDecimal:
		return exprDecimal
	case c.Type == TypeDouble:
		return exprReal
	case c.Type.IsString():
		return exprString
	case c.Type == TypeDate:
		return exprDate
	}
	return exprUnknown
}

// arithmeticKind is the kind of a sum, a product and the like.
func (t *Table) arithmeticKind(tokens []exprToken) exprKind {
	kind, divided, begin, depth := exprNull, false, 0, 0
	for i := 0; i <= len(tokens); i++ {
		last := i == len(tokens)
		if !last {
			switch token := tokens[i]; {
			case token.is("("):
				depth++
			case token.is(")"):
				depth--
			}
			if depth > 0 || !isArithmetic(tokens[i]) {
				continue
			}
			divided = divided || tokens[i].is("/")
		}
		if begin == i {
			return exprUnknown // a sign
		}
		operand := t.exprKind(tokens[begin:i])
		if begin == 0 && last || operand != exprInteger && operand != exprDecimal && operand != exprReal {
			return exprUnknown
		}
		kind, begin = max(kind, operand), i+1
	}
	if divided {
		kind = max(kind, exprDecimal)
	}
	return kind
}

func isArithmetic(t exprToken) bool {
	if t.kind == statement.Word {
		return t.name == "div" || t.name == "mod"
	}
	return t.is("+") || t.is("-") || t.is("*") || t.is("/") || t.is("%")
}

// callKind is the kind of what a function returns. (MySQL and MariaDB manuals, "Functions and Operators".)
func (t *Table) callKind(function string, arguments []exprToken) exprKind {
	switch function {
	case "lower", "lcase", "upper", "ucase", "concat", "concat_ws", "left", "right", "substr", "substring", "mid", "trim", "ltrim", "rtrim",
		"replace", "reverse", "lpad", "rpad", "hex", "unhex", "md5", "sha", "sha1", "sha2", "substring_index", "repeat", "json_unquote", "soundex":
		return exprString
	case "length", "octet_length", "char_length", "character_length", "crc32", "ascii", "ord", "year", "month", "day", "dayofmonth", "to_days",
		"isnull", "bit_count":
		return exprInteger
	case "date":
		return exprDate
	case "cast": // MariaDB's SHOW CREATE TABLE has DATE(…) so
		if n := len(arguments); n > 2 && arguments[n-2].name == "as" && arguments[n-1].name == "date" {
			return exprDate
		}
	case "if":
		if list := split(arguments); len(list) == 3 {
			return t.oneOf(list[1:])
		}
	case "coalesce", "ifnull":
		return t.oneOf(split(arguments))
	case "nullif":
		return t.oneOf(split(arguments)[:1])
	}
	return exprUnknown
}

// split splits arguments at their commas.
func split(tokens []exprToken) (list [][]exprToken) {
	depth, begin := 0, 0
	for i, t := range tokens {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case t.is(",") && depth == 0:
			list = append(list, tokens[begin:i])
			begin = i + 1
		}
	}
	return append(list, tokens[begin:])
}

// oneOf is the kind of a choice between values: the kind of all of them, or text if one is text.
func (t *Table) oneOf(list [][]exprToken) exprKind {
	kind := exprNull
	for _, tokens := range list {
		switch next := t.exprKind(tokens); {
		case next == exprUnknown, next == exprDate && kind != exprNull && kind != exprDate, kind == exprDate && next != exprNull && next != exprDate:
			return exprUnknown
		case kind == exprReal && next == exprString, kind == exprString && next == exprReal:
			return exprUnknown
		default:
			kind = max(kind, next)
		}
	}
	return kind
}

// caseKind is the kind of CASE … END: of what stands after THEN and ELSE.
func (t *Table) caseKind(tokens []exprToken) exprKind {
	var list [][]exprToken
	depth, begin := 0, -1
	for i, token := range tokens {
		word := ""
		if token.kind == statement.Word {
			word = token.name
		}
		switch {
		case word == "case", token.is("("):
			depth++
		case word == "end" && depth == 1, depth == 1 && (word == "when" || word == "else"):
			if begin >= 0 {
				list = append(list, tokens[begin:i])
			}
			begin = -1
			if word == "else" {
				begin = i + 1
			}
			if word == "end" && i < len(tokens)-1 {
				return exprUnknown
			}
		case word == "end", token.is(")"):
			depth--
		case depth == 1 && word == "then":
			begin = i + 1
		}
	}
	if len(list) == 0 {
		return exprUnknown
	}
	return t.oneOf(list)
}
