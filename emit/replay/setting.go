package replay

import (
	"fmt"
	"strconv"

	"binmend/decoder"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// setting writes a value that the statement after it needs.
func (r *renderer) setting(e *decoder.Event) error {
	switch e.Type {
	case decoder.EventIntvar:
		v, err := e.Intvar()
		name := "LAST_INSERT_ID"
		if v.InsertID {
			name = "INSERT_ID"
		}
		r.text = fmt.Appendf(r.text, "SET %s=%d;\n", name, v.Value)
		return err
	case decoder.EventRand:
		seed1, seed2, err := e.Rand()
		r.text = fmt.Appendf(r.text, "SET @@RAND_SEED1=%d, @@RAND_SEED2=%d;\n", seed1, seed2)
		return err
	}
	v, err := e.UserVar()
	if err != nil {
		return err
	}
	if err := sqltext.CheckClient(v.Name); err != nil {
		return refusal(ErrClient, e.Pos, "User_var "+string(v.Name), err.Error())
	}
	begin := len(r.text)
	r.text = append(r.dialect(e.Format).AppendIdent(append(r.text, "SET @"...), string(v.Name)), ":="...)
	if r.text, err = appendUserValue(r.text, &v); err != nil {
		r.text = r.text[:begin]
		return refusal(ErrVariable, e.Pos, "User_var "+string(v.Name), err.Error())
	}
	r.text = append(r.text, ";\n"...)
	return nil
}

// appendUserValue appends the value of a user variable with its type and collation.
func appendUserValue(dst []byte, v *decoder.UserVar) ([]byte, error) {
	switch {
	case v.IsNull:
		return append(dst, "NULL"...), nil
	case v.Type == decoder.UserVarString:
		collation, charset, ok := schema.CollationByNumber(v.Collation)
		if !ok {
			return dst, fmt.Errorf("collation number %d is not one of a known server", v.Collation)
		}
		return fmt.Appendf(dst, "_%s x'%x' COLLATE `%s`", charset, v.Value, collation), nil
	}
	cell, ok := v.Cell()
	switch {
	case !ok:
		return dst, fmt.Errorf("a value of type %d, which no server writes", v.Type)
	case v.Type == decoder.UserVarReal:
		return strconv.AppendFloat(dst, cell.Float64(), 'e', -1, 64), nil
	}
	return cell.AppendText(dst)
}
