package httpio

import (
	"sync/atomic"
	"unsafe"
)

// Lists caches the JSON of the list that was requested last, for a list that is
// read far more often than it changes. A list that has changed has to be another
// slice: elements are never changed in place. The zero value is ready; it is safe
// for concurrent use.
type Lists[T any] struct{ last atomic.Pointer[encoded[T]] }

type encoded[T any] struct {
	list []T // held, so that no other list comes to stand in its place
	body []byte
}

// JSON returns a list as [WriteBody] takes it. Shape makes of it what is to be
// encoded; nil leaves it as it is.
func (l *Lists[T]) JSON(list []T, shape func([]T) any) []byte {
	last := l.last.Load()
	if last != nil && len(last.list) == len(list) && unsafe.SliceData(last.list) == unsafe.SliceData(list) {
		return last.body
	}
	var value any = list
	if shape != nil {
		value = shape(list)
	}
	body := Encode(value)
	l.last.Store(&encoded[T]{list, body})
	return body
}
