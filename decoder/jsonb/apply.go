package jsonb

import (
	"errors"
	"fmt"
	"slices"
)

// Apply applies the diffs of a partial update to doc and appends the resulting binary document to dst. Diffs that do not fit
// the document are an error, as on the server; dst is then returned unchanged. The result has the server's layout, without
// the gaps that updates in place leave in a stored document (MySQL source: json_diff.cc, apply_json_diffs).
func Apply(dst, doc, diffs []byte) ([]byte, error) {
	v, err := Parse(doc)
	if err != nil {
		return dst, err
	}
	root := node{value: v}
	for d, err := range Diffs(diffs) {
		if err != nil {
			return dst, err
		}
		if err := root.apply(d); err != nil {
			return dst, fmt.Errorf("JSON diff %s at %q: %w", d.Operation, d.Path, err)
		}
	}
	return appendDocument(dst, root)
}

func (n *node) apply(d Diff) error {
	legs, err := parsePath(d.Path)
	if err != nil {
		return err
	}
	if len(legs) == 0 {
		return errors.New("a diff can't change the whole document")
	}
	last := len(legs) - 1
	for _, l := range legs[:last] {
		if n, err = n.step(l); err != nil {
			return err
		}
	}
	switch d.Operation {
	case Insert:
		return n.insert(legs[last], d.Value)
	case Remove:
		place, err := n.place(legs[last])
		if err == nil {
			n.members = slices.Delete(n.members, place, place+1)
		}
		return err
	}
	child, err := n.step(legs[last])
	if err == nil {
		*child = node{value: d.Value}
	}
	return err
}

// step returns the value that a leg leads to.
func (n *node) step(l leg) (*node, error) {
	place, err := n.place(l)
	if err != nil {
		return nil, err
	}
	return &n.members[place].node, nil
}

// place opens the node and returns the index of the member or cell that a leg leads to.
func (n *node) place(l leg) (int, error) {
	place, exists, err := n.seek(l)
	if err == nil && !exists {
		err = fmt.Errorf("nothing is there in an %s of %d", n.value.kind, len(n.members))
	}
	return place, err
}

// seek opens the node and returns the index where the member or cell of a leg is or belongs.
func (n *node) seek(l leg) (place int, exists bool, err error) {
	want := Array
	if l.member {
		want = Object
	}
	if n.value.kind != want {
		return 0, false, fmt.Errorf("expected an %s, found %s", want, n.value.kind)
	}
	n.open()
	if l.member {
		place, exists = n.find(l.key)
	} else {
		place, exists = l.position(len(n.members))
	}
	return place, exists, nil
}

func (n *node) insert(l leg, v Value) error {
	place, exists, err := n.seek(l)
	if err != nil {
		return err
	}
	if exists && l.member {
		return fmt.Errorf("the object has the key %q", l.key)
	}
	n.members = slices.Insert(n.members, place, member{key: l.key, node: node{value: v}})
	return nil
}
