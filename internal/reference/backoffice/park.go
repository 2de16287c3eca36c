package backoffice

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/dragoman-auth/dragoman/reference/clock"
)

// What callers branch on.
var (
	// ErrNotFound says that nothing has this id.
	ErrNotFound = errors.New("no such thing")
	// ErrFull says that no more can be kept.
	ErrFull = errors.New("the park is full: delete something first")
	// ErrName says that a name is empty or too long.
	ErrName = errors.New("a name has between 1 and 200 bytes")
)

const (
	maxThings = 1000
	maxName   = 200
	maxSent   = 100
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

// Park holds the scoped dialect's objects and geofences: in memory, at most
// 1000 of each, forgotten at the end. It is safe for concurrent use.
type Park struct {
	clock clock.Clock

	mu      sync.RWMutex
	nextID  int
	packets map[string][]Packet
	// These are given out, so they are replaced and never changed.
	objects   []Object
	geofences []Geofence
}

// NewPark returns a park with the sample data: the objects 42 and 43 with two
// packets each, and the geofence 7. A nil clock is [clock.System].
func NewPark(c clock.Clock) *Park {
	if c == nil {
		c = clock.System{}
	}
	p := &Park{
		clock:  c,
		nextID: 100,
		objects: []Object{
			{ID: "42", Name: "Forklift", Model: "tracker-2", Online: true},
			{ID: "43", Name: "Cold store", Model: "thermo-1", Online: true},
		},
		geofences: []Geofence{{ID: "7", Name: "Yard", Lat: 45.4642, Lon: 9.19, Radius: 250}},
		packets:   map[string][]Packet{},
	}
	start := c.Now().Add(-time.Hour).UnixMilli()
	for i, id := range []string{"42", "42", "43", "43"} {
		p.packets[id] = append(p.packets[id], Packet{
			ID: strconv.Itoa(i + 1), Time: start + int64(i)*60_000, Data: map[string]any{"temperature": 4 + i},
		})
	}
	return p
}

// Objects returns all objects, oldest first. Nobody changes the slice; once
// something has changed it is another one.
func (p *Park) Objects() []Object {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.objects
}

// Object returns one object, or [ErrNotFound].
func (p *Park) Object(id string) (Object, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if at := p.object(id); at >= 0 {
		return p.objects[at], nil
	}
	return Object{}, notFound("object", id)
}

// AddObject keeps a new object under an id of the park's choice. Errors are
// [ErrName] and [ErrFull].
func (p *Park) AddObject(o Object) (Object, error) {
	if err := checkName(o.Name); err != nil {
		return Object{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.objects) >= maxThings {
		return Object{}, ErrFull
	}
	o.ID = p.newID()
	p.objects = append(slices.Clip(p.objects), o)
	return o, nil
}

// RenameObject changes an object's name. Errors are [ErrName] and
// [ErrNotFound].
func (p *Park) RenameObject(id, name string) (Object, error) {
	if err := checkName(name); err != nil {
		return Object{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.object(id)
	if at < 0 {
		return Object{}, notFound("object", id)
	}
	p.objects = slices.Clone(p.objects)
	p.objects[at].Name = name
	return p.objects[at], nil
}

// DeleteObject removes an object and its packets, or returns [ErrNotFound].
func (p *Park) DeleteObject(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.object(id)
	if at < 0 {
		return notFound("object", id)
	}
	p.objects = slices.Delete(slices.Clone(p.objects), at, at+1)
	delete(p.packets, id)
	return nil
}

// Packets returns an object's packets, oldest first, or [ErrNotFound].
func (p *Park) Packets(id string) ([]Packet, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.object(id) < 0 {
		return nil, notFound("object", id)
	}
	return append([]Packet{}, p.packets[id]...), nil
}

// Command sends a command to an object, which notes it as a packet; it keeps
// the last 100. Errors are [ErrName] and [ErrNotFound].
func (p *Park) Command(id, command string) error {
	if err := checkName(command); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.object(id) < 0 {
		return notFound("object", id)
	}
	packets := append(p.packets[id], Packet{
		ID: p.newID(), Time: p.clock.Now().UnixMilli(), Data: map[string]any{"command": command},
	})
	p.packets[id] = packets[max(0, len(packets)-maxSent):]
	return nil
}

// Geofences returns all geofences, oldest first, as [Park.Objects] does.
func (p *Park) Geofences() []Geofence {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.geofences
}

// Geofence returns one geofence, or [ErrNotFound].
func (p *Park) Geofence(id string) (Geofence, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if at := p.geofence(id); at >= 0 {
		return p.geofences[at], nil
	}
	return Geofence{}, notFound("geofence", id)
}

// AddGeofence keeps a new geofence under an id of the park's choice. Errors
// are [ErrName] and [ErrFull].
func (p *Park) AddGeofence(g Geofence) (Geofence, error) {
	if err := checkName(g.Name); err != nil {
		return Geofence{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.geofences) >= maxThings {
		return Geofence{}, ErrFull
	}
	g.ID = p.newID()
	p.geofences = append(slices.Clip(p.geofences), g)
	return g, nil
}

// DeleteGeofence removes a geofence, or returns [ErrNotFound].
func (p *Park) DeleteGeofence(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.geofence(id)
	if at < 0 {
		return notFound("geofence", id)
	}
	p.geofences = slices.Delete(slices.Clone(p.geofences), at, at+1)
	return nil
}

// The caller of these holds the lock.
func (p *Park) object(id string) int {
	return slices.IndexFunc(p.objects, func(o Object) bool { return o.ID == id })
}

func (p *Park) geofence(id string) int {
	return slices.IndexFunc(p.geofences, func(g Geofence) bool { return g.ID == id })
}

func (p *Park) newID() string {
	p.nextID++
	return strconv.Itoa(p.nextID)
}

func checkName(name string) error {
	if name == "" || len(name) > maxName {
		return ErrName
	}
	return nil
}

func notFound(what, id string) error { return fmt.Errorf("%s %.40q: %w", what, id, ErrNotFound) }
