package jsonb

import "slices"

// node is a value of a document that is being changed. Only the arrays and objects on the way to a change are opened into
// members; everything else stays a view of its bytes.
type node struct {
	value   Value
	opened  bool
	members []member // when opened; those of an object ascend by key
}

// member is an element of an array, or a key and its value.
type member struct {
	key  []byte
	node node
}

func (n *node) open() {
	if n.opened {
		return
	}
	n.opened = true
	n.members = make([]member, n.value.Len())
	for i := range n.members {
		n.members[i].node.value = n.value.Element(i)
		if n.value.Kind() == Object {
			n.members[i].key = n.value.Key(i)
		}
	}
}

func (n *node) len() int {
	if n.opened {
		return len(n.members)
	}
	return n.value.Len()
}

func (n *node) key(i int) []byte {
	if n.opened {
		return n.members[i].key
	}
	return n.value.Key(i)
}

func (n *node) element(i int) node {
	if n.opened {
		return n.members[i].node
	}
	return node{value: n.value.Element(i)}
}

// find returns the index of an object's key, or where it belongs. The node must be open.
func (n *node) find(key []byte) (int, bool) {
	return slices.BinarySearchFunc(n.members, key, func(m member, key []byte) int { return compareKeys(m.key, key) })
}
