package statement

// Constraints are clauses of CREATE and ALTER TABLE that some servers parse and ignore.
type Constraints struct {
	References []Span // in columns' definitions, not of FOREIGN KEY
	HasCheck   bool
}

// ReadConstraints finds them.
func ReadConstraints(sql []byte, context Context) (found Constraints) {
	c := classifier{Scanner: NewScanner(sql, context)}
	c.advance()
	for foreign := false; c.token.Kind != End; {
		start := c.token.Start
		switch {
		case c.accept("FOREIGN"):
			foreign = true
		case c.accept("CHECK"):
			found.HasCheck = found.HasCheck || c.IsOperator(c.token, "(")
		case c.accept("REFERENCES"):
			if end := c.toReferencesEnd(); !foreign {
				found.References = append(found.References, Span{start, end})
			}
			foreign = false
		default:
			c.advance()
		}
	}
	return found
}

// toReferencesEnd goes on to what follows a REFERENCES clause, and returns where the clause ends.
func (c *classifier) toReferencesEnd() (end int) {
	pass := func() {
		end = c.token.End
		c.advance()
	}
	pass()
	for c.IsOperator(c.token, ".") {
		pass()
		pass()
	}
	if c.IsOperator(c.token, "(") {
		for c.token.Kind != End && !c.IsOperator(c.token, ")") {
			pass()
		}
		pass()
	}
	for c.sees("MATCH") || c.sees("ON") {
		pass() // MATCH or ON
		pass() // FULL, PARTIAL or SIMPLE; DELETE or UPDATE
		for c.sees("RESTRICT") || c.sees("CASCADE") || c.sees("SET") || c.sees("NULL") || c.sees("DEFAULT") || c.sees("NO") || c.sees("ACTION") {
			last := !c.sees("SET") && !c.sees("NO")
			pass()
			if last {
				break
			}
		}
	}
	return end
}
