package management

import (
	"net/http"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// shownHold is a hold in the mock.
type shownHold struct {
	ID      int `json:"id"`
	Arrived int `json:"arrived"`
}

func (s *server) hold(r *http.Request) (any, error) {
	var body struct {
		Operation mockserver.Operation `json:"operation"`
		Requests  int                  `json:"requests"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	hold, err := s.mock.Hold(body.Operation, body.Requests)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holds = append(s.holds, hold)
	return shownHold{len(s.holds), hold.Arrived()}, nil
}

// at finds the hold in the path, and takes it out where it is released.
func (s *server) at(r *http.Request, release bool) (int, *mockserver.Hold, error) {
	id, err := number(r)
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if id < 1 || id > len(s.holds) || s.holds[id-1] == nil {
		return 0, nil, errUnknown
	}
	hold := s.holds[id-1]
	if release {
		s.holds[id-1] = nil
	}
	return id, hold, nil
}

func (s *server) showHold(r *http.Request) (any, error) {
	id, hold, err := s.at(r, false)
	if err != nil {
		return nil, err
	}
	return shownHold{id, hold.Arrived()}, nil
}

func (s *server) releaseHold(r *http.Request) (any, error) {
	_, hold, err := s.at(r, true)
	if err != nil {
		return nil, err
	}
	hold.Release()
	return nil, nil //nolint:nilnil // 204
}
