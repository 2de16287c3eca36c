package backoffice

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/listing"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// The errors that callers branch on.
var (
	// ErrNotFound says that no object or geofence has this id.
	ErrNotFound = errors.New("not found")
	// ErrFull says that the inventory is at its limit.
	ErrFull = errors.New("the inventory is full: delete an entry first")
	// ErrName says that a name is empty or too long.
	ErrName = errors.New("a name has between 1 and 200 bytes")
)

const (
	maxEntries = 1000
	maxName    = 200
	maxPackets = 100
)

// Object is one device of the scoped dialect.
type Object struct {
	ID     string `json:"_id"`
	Name   string `json:"name"`
	Model  string `json:"model"`
	Online bool   `json:"online"`
}

// Packet is one message of an object.
type Packet struct {
	ID   string         `json:"_id"`
	Time int64          `json:"time"` // epoch milliseconds
	Data map[string]any `json:"data"`
}

// Geofence is one area on the map.
type Geofence struct {
	ID     string  `json:"_id"`
	Name   string  `json:"name"`
	Lat    float64 `json:"lat"`
	Lon    float64 `json:"lon"`
	Radius float64 `json:"radius"` // metres
}

// Inventory holds the scoped dialect's objects and geofences in memory, at most
// 1000 of each. It is safe for concurrent use.
type Inventory struct {
	clock clock.Clock

	mu      sync.RWMutex
	nextID  int
	packets map[string][]Packet
	// Callers hold these lists, so they are replaced and never changed.
	objects   *listing.List[Object]
	geofences *listing.List[Geofence]
}

// NewInventory returns an inventory with the sample data: the objects 42 and 43
// with two packets each, and the geofence 7. A nil clock is [clock.System].
func NewInventory(c clock.Clock) *Inventory {
	c = cmp.Or[clock.Clock](c, clock.System{})
	i := &Inventory{
		clock:  c,
		nextID: 100,
		objects: listing.New([]Object{
			{ID: "42", Name: "Forklift", Model: "tracker-2", Online: true},
			{ID: "43", Name: "Cold store", Model: "thermo-1", Online: true},
		}),
		geofences: listing.New([]Geofence{{ID: "7", Name: "Yard", Lat: 45.4642, Lon: 9.19, Radius: 250}}),
		packets:   map[string][]Packet{},
	}
	start := c.Now().Add(-time.Hour).UnixMilli()
	for n, id := range []string{"42", "42", "43", "43"} {
		i.packets[id] = append(i.packets[id], Packet{
			ID: strconv.Itoa(n + 1), Time: start + int64(n)*60_000, Data: map[string]any{"temperature": 4 + n},
		})
	}
	return i
}

// Objects returns all objects, oldest first. After a change it returns another
// list.
func (i *Inventory) Objects() *listing.List[Object] {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.objects
}

// Object returns one object, or [ErrNotFound].
func (i *Inventory) Object(id string) (Object, error) {
	i.mu.RLock()
	defer i.mu.RUnlock()
	if at := i.object(id); at >= 0 {
		return i.objects.Items[at], nil
	}
	return Object{}, notFound("object", id)
}

// AddObject adds an object under a new id. Errors are
// [ErrName] and [ErrFull].
func (i *Inventory) AddObject(o Object) (Object, error) {
	if err := checkName(o.Name); err != nil {
		return Object{}, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.objects.Items) >= maxEntries {
		return Object{}, ErrFull
	}
	o.ID = i.newID()
	i.objects = listing.New(append(slices.Clip(i.objects.Items), o))
	return o, nil
}

// RenameObject changes an object's name. Errors are [ErrName] and
// [ErrNotFound].
func (i *Inventory) RenameObject(id, name string) (Object, error) {
	if err := checkName(name); err != nil {
		return Object{}, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	at := i.object(id)
	if at < 0 {
		return Object{}, notFound("object", id)
	}
	objects := slices.Clone(i.objects.Items)
	objects[at].Name = name
	i.objects = listing.New(objects)
	return objects[at], nil
}

// DeleteObject removes an object and its packets, or returns [ErrNotFound].
func (i *Inventory) DeleteObject(id string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	at := i.object(id)
	if at < 0 {
		return notFound("object", id)
	}
	i.objects = listing.New(slices.Delete(slices.Clone(i.objects.Items), at, at+1))
	delete(i.packets, id)
	return nil
}

// Packets returns an object's packets, oldest first, or [ErrNotFound].
func (i *Inventory) Packets(id string) ([]Packet, error) {
	i.mu.RLock()
	defer i.mu.RUnlock()
	if i.object(id) < 0 {
		return nil, notFound("object", id)
	}
	return append([]Packet{}, i.packets[id]...), nil
}

// Command sends a command to an object, which records it as a packet. An object
// keeps its last 100 packets. Errors are [ErrName] and [ErrNotFound].
func (i *Inventory) Command(id, command string) error {
	if err := checkName(command); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.object(id) < 0 {
		return notFound("object", id)
	}
	packets := append(i.packets[id], Packet{
		ID: i.newID(), Time: i.clock.Now().UnixMilli(), Data: map[string]any{"command": command},
	})
	i.packets[id] = packets[max(0, len(packets)-maxPackets):]
	return nil
}

// Geofences returns all geofences, like [Inventory.Objects].
func (i *Inventory) Geofences() *listing.List[Geofence] {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.geofences
}

// Geofence returns one geofence, or [ErrNotFound].
func (i *Inventory) Geofence(id string) (Geofence, error) {
	i.mu.RLock()
	defer i.mu.RUnlock()
	if at := i.geofence(id); at >= 0 {
		return i.geofences.Items[at], nil
	}
	return Geofence{}, notFound("geofence", id)
}

// AddGeofence adds a geofence under a new id. Errors
// are [ErrName] and [ErrFull].
func (i *Inventory) AddGeofence(g Geofence) (Geofence, error) {
	if err := checkName(g.Name); err != nil {
		return Geofence{}, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.geofences.Items) >= maxEntries {
		return Geofence{}, ErrFull
	}
	g.ID = i.newID()
	i.geofences = listing.New(append(slices.Clip(i.geofences.Items), g))
	return g, nil
}

// DeleteGeofence removes a geofence, or returns [ErrNotFound].
func (i *Inventory) DeleteGeofence(id string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	at := i.geofence(id)
	if at < 0 {
		return notFound("geofence", id)
	}
	i.geofences = listing.New(slices.Delete(slices.Clone(i.geofences.Items), at, at+1))
	return nil
}

// The caller of these holds the lock.
func (i *Inventory) object(id string) int {
	return slices.IndexFunc(i.objects.Items, func(o Object) bool { return o.ID == id })
}

func (i *Inventory) geofence(id string) int {
	return slices.IndexFunc(i.geofences.Items, func(g Geofence) bool { return g.ID == id })
}

func (i *Inventory) newID() string {
	i.nextID++
	return strconv.Itoa(i.nextID)
}

func checkName(name string) error {
	if name == "" || len(name) > maxName {
		return ErrName
	}
	return nil
}

func notFound(what, id string) error { return fmt.Errorf("%s %.40q: %w", what, id, ErrNotFound) }
