package management

import (
	"net/http"
	"slices"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// shownFault is a fault in the mock.
type shownFault struct {
	ID    int              `json:"id"`
	Count int              `json:"count"`
	Fault mockserver.Fault `json:"fault"`
}

func show(i *mockserver.Injection) shownFault {
	return shownFault{i.ID(), i.Count(), i.Fault()}
}

func (s *server) faults(*http.Request) (any, error) {
	list := []shownFault{}
	for _, i := range s.mock.Faults() {
		list = append(list, show(i))
	}
	return list, nil
}

func (s *server) inject(r *http.Request) (any, error) {
	var fault mockserver.Fault
	if err := read(r, &fault); err != nil {
		return nil, err
	}
	i, err := s.mock.Inject(fault)
	if err != nil {
		return nil, err
	}
	return show(i), nil
}

func (s *server) find(r *http.Request) (*mockserver.Injection, error) {
	id, err := number(r)
	if err != nil {
		return nil, err
	}
	list := s.mock.Faults()
	i := slices.IndexFunc(list, func(f *mockserver.Injection) bool { return f.ID() == id })
	if i < 0 {
		return nil, errUnknown
	}
	return list[i], nil
}

func (s *server) fault(r *http.Request) (any, error) {
	i, err := s.find(r)
	if err != nil {
		return nil, err
	}
	return show(i), nil
}

func (s *server) removeFault(r *http.Request) (any, error) {
	i, err := s.find(r)
	if err != nil {
		return nil, err
	}
	i.Remove()
	return nil, nil //nolint:nilnil // 204
}

func (s *server) removeFaults(*http.Request) (any, error) {
	for _, i := range s.mock.Faults() {
		i.Remove()
	}
	return nil, nil //nolint:nilnil // 204
}
