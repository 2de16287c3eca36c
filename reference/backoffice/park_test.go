package backoffice_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/reference/backoffice"
)

func TestParkIsBounded(t *testing.T) {
	t.Parallel()
	p := backoffice.NewPark(nil)
	var object backoffice.Object
	var err error
	for range 2000 {
		if object, err = p.AddObject(backoffice.Object{ID: "42", Name: "x"}); err != nil {
			break
		}
		if object.ID == "42" {
			t.Fatal("the client chose the id")
		}
	}
	if !errors.Is(err, backoffice.ErrFull) || len(p.Objects()) != 1000 {
		t.Errorf("there are %d objects (%v), want 1000 and ErrFull", len(p.Objects()), err)
	}
	for range 2000 {
		if _, err = p.AddGeofence(backoffice.Geofence{Name: "x"}); err != nil {
			break
		}
	}
	if !errors.Is(err, backoffice.ErrFull) || len(p.Geofences()) != 1000 {
		t.Errorf("there are %d geofences (%v), want 1000 and ErrFull", len(p.Geofences()), err)
	}
	for range 300 {
		if err := p.Command("42", "reboot"); err != nil {
			t.Fatal(err)
		}
	}
	if packets, err := p.Packets("42"); err != nil || len(packets) != 100 {
		t.Errorf("there are %d packets (%v), want the last 100", len(packets), err)
	}
}

func TestParkNames(t *testing.T) {
	t.Parallel()
	p := backoffice.NewPark(nil)
	for _, name := range []string{"", strings.Repeat("x", 201)} {
		_, err1 := p.AddObject(backoffice.Object{Name: name})
		_, err2 := p.RenameObject("42", name)
		_, err3 := p.AddGeofence(backoffice.Geofence{Name: name})
		for _, err := range []error{err1, err2, err3, p.Command("42", name)} {
			if !errors.Is(err, backoffice.ErrName) {
				t.Errorf("a name of %d bytes: %v", len(name), err)
			}
		}
	}
	if _, err := p.RenameObject("42", strings.Repeat("x", 200)); err != nil {
		t.Errorf("a name of 200 bytes: %v", err)
	}
}

func TestParkListsStayAsTheyWere(t *testing.T) {
	t.Parallel()
	p := backoffice.NewPark(nil)
	objects, geofences := p.Objects(), p.Geofences()
	first, fence := objects[0], geofences[0]
	if _, err := p.AddObject(backoffice.Object{Name: "new"}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.RenameObject(first.ID, "changed"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.AddGeofence(backoffice.Geofence{Name: "new"}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.DeleteObject(first.ID), p.DeleteGeofence(fence.ID)); err != nil {
		t.Fatal(err)
	}
	if len(objects) != 2 || objects[0] != first || len(geofences) != 1 || geofences[0] != fence {
		t.Errorf("lists that were given out became %v and %v", objects, geofences)
	}
	if now := p.Objects(); len(now) != 2 || now[1].Name != "new" || &now[0] == &objects[0] {
		t.Errorf("the park has %v", now)
	}
}

func TestParkUnderConcurrency(t *testing.T) {
	t.Parallel()
	p := backoffice.NewPark(nil)
	ids := make([]string, 50)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			object, err := p.AddObject(backoffice.Object{Name: "x"})
			if err != nil {
				t.Error(err)
			}
			ids[i] = object.ID
			p.Objects()
			if _, err := p.RenameObject(object.ID, "y"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	if len(seen) != len(ids) {
		t.Errorf("%d objects have %d ids", len(ids), len(seen))
	}
}
