package backoffice_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/backoffice"
)

func TestInventoryIsBounded(t *testing.T) {
	t.Parallel()
	inventory := backoffice.NewInventory(nil)
	var object backoffice.Object
	var err error
	for range 2000 {
		if object, err = inventory.AddObject(backoffice.Object{ID: "42", Name: "x"}); err != nil {
			break
		}
		if object.ID == "42" {
			t.Fatal("the client chose the id")
		}
	}
	if !errors.Is(err, backoffice.ErrFull) || len(inventory.Objects().Items) != 1000 {
		t.Errorf("there are %d objects (%v), want 1000 and ErrFull", len(inventory.Objects().Items), err)
	}
	for range 2000 {
		if _, err = inventory.AddGeofence(backoffice.Geofence{Name: "x"}); err != nil {
			break
		}
	}
	if !errors.Is(err, backoffice.ErrFull) || len(inventory.Geofences().Items) != 1000 {
		t.Errorf("there are %d geofences (%v), want 1000 and ErrFull", len(inventory.Geofences().Items), err)
	}
	for range 300 {
		if err := inventory.Command("42", "reboot"); err != nil {
			t.Fatal(err)
		}
	}
	if packets, err := inventory.Packets("42"); err != nil || len(packets) != 100 {
		t.Errorf("there are %d packets (%v), want the last 100", len(packets), err)
	}
}

func TestInventoryNames(t *testing.T) {
	t.Parallel()
	inventory := backoffice.NewInventory(nil)
	for _, name := range []string{"", strings.Repeat("x", 201)} {
		_, err1 := inventory.AddObject(backoffice.Object{Name: name})
		_, err2 := inventory.RenameObject("42", name)
		_, err3 := inventory.AddGeofence(backoffice.Geofence{Name: name})
		for _, err := range []error{err1, err2, err3, inventory.Command("42", name)} {
			if !errors.Is(err, backoffice.ErrName) {
				t.Errorf("a name of %d bytes: %v", len(name), err)
			}
		}
	}
	if _, err := inventory.RenameObject("42", strings.Repeat("x", 200)); err != nil {
		t.Errorf("a name of 200 bytes: %v", err)
	}
}

// TestListsAreReplaced: a change leaves the lists that were returned before as they
// are, and the next call returns another list.
func TestListsAreReplaced(t *testing.T) {
	t.Parallel()
	inventory := backoffice.NewInventory(nil)
	changed := func(what string, change func() error) {
		t.Helper()
		objects, geofences := inventory.Objects(), inventory.Geofences()
		hadObjects, hadGeofences := slices.Clone(objects.Items), slices.Clone(geofences.Items)
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(objects.Items, hadObjects) || !slices.Equal(geofences.Items, hadGeofences) {
			t.Errorf("%s: lists that were returned before became %v and %v", what, objects.Items, geofences.Items)
		}
		if objects == inventory.Objects() && geofences == inventory.Geofences() {
			t.Errorf("%s: the lists are the same as before", what)
		}
	}
	for round := range 2 { // the second finds lists that have grown and shrunk
		var object backoffice.Object
		var geofence backoffice.Geofence
		changed("a name", func() error { _, err := inventory.RenameObject("42", fmt.Sprint("name ", round)); return err })
		changed("a new object", func() (err error) { object, err = inventory.AddObject(backoffice.Object{Name: "new"}); return err })
		changed("its name", func() error { _, err := inventory.RenameObject(object.ID, "newer"); return err })
		changed("no object", func() error { return inventory.DeleteObject(object.ID) })
		changed("a new geofence", func() (err error) {
			geofence, err = inventory.AddGeofence(backoffice.Geofence{Name: "new"})
			return err
		})
		changed("no geofence", func() error { return inventory.DeleteGeofence(geofence.ID) })
	}
}

func TestInventoryUnderConcurrency(t *testing.T) {
	t.Parallel()
	inventory := backoffice.NewInventory(nil)
	ids := make([]string, 50)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			object, err := inventory.AddObject(backoffice.Object{Name: "x"})
			if err != nil {
				t.Error(err)
			}
			ids[i] = object.ID
			inventory.Objects()
			if _, err := inventory.RenameObject(object.ID, "y"); err != nil {
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
