package scoped

import (
	"net/http"

	"github.com/julienschmidt/httprouter"

	"github.com/dragoman-auth/dragoman/internal/reference/backoffice"
	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
)

// encode returns a list as [httpio.WriteBody] writes it.
func encode[T any](items []T) []byte { return httpio.Encode(items) }

// reply writes a value of the inventory, or returns its error.
func reply[T any](w http.ResponseWriter, value T, err error) error {
	if err != nil {
		return err
	}
	httpio.WriteJSON(w, http.StatusOK, value)
	return nil
}

func (h *handler) listObjects(w http.ResponseWriter, _ *http.Request, _ httprouter.Params, _ grant.Grant) error {
	httpio.WriteBody(w, http.StatusOK, h.Inventory.Objects().JSON(encode))
	return nil
}

func (h *handler) addObject(w http.ResponseWriter, r *http.Request, _ httprouter.Params, _ grant.Grant) error {
	var object backoffice.Object
	if err := httpio.JSON(r, &object); err != nil {
		return err
	}
	added, err := h.Inventory.AddObject(object)
	return reply(w, added, err)
}

func (h *handler) showObject(w http.ResponseWriter, _ *http.Request, p httprouter.Params, _ grant.Grant) error {
	object, err := h.Inventory.Object(p.ByName("id"))
	return reply(w, object, err)
}

func (h *handler) renameObject(w http.ResponseWriter, r *http.Request, p httprouter.Params, _ grant.Grant) error {
	var change struct {
		Name string `json:"name"`
	}
	if err := httpio.JSON(r, &change); err != nil {
		return err
	}
	object, err := h.Inventory.RenameObject(p.ByName("id"), change.Name)
	return reply(w, object, err)
}

func (h *handler) deleteObject(w http.ResponseWriter, _ *http.Request, p httprouter.Params, _ grant.Grant) error {
	return reply(w, done, h.Inventory.DeleteObject(p.ByName("id")))
}

func (h *handler) listPackets(w http.ResponseWriter, _ *http.Request, p httprouter.Params, _ grant.Grant) error {
	packets, err := h.Inventory.Packets(p.ByName("id"))
	return reply(w, packets, err)
}

func (h *handler) sendCommand(w http.ResponseWriter, _ *http.Request, p httprouter.Params, _ grant.Grant) error {
	return reply(w, done, h.Inventory.Command(p.ByName("id"), p.ByName("command")))
}

func (h *handler) listGeofences(w http.ResponseWriter, _ *http.Request, _ httprouter.Params, _ grant.Grant) error {
	httpio.WriteBody(w, http.StatusOK, h.Inventory.Geofences().JSON(encode))
	return nil
}

func (h *handler) addGeofence(w http.ResponseWriter, r *http.Request, _ httprouter.Params, _ grant.Grant) error {
	var geofence backoffice.Geofence
	if err := httpio.JSON(r, &geofence); err != nil {
		return err
	}
	added, err := h.Inventory.AddGeofence(geofence)
	return reply(w, added, err)
}

func (h *handler) showGeofence(w http.ResponseWriter, _ *http.Request, p httprouter.Params, _ grant.Grant) error {
	geofence, err := h.Inventory.Geofence(p.ByName("id"))
	return reply(w, geofence, err)
}

func (h *handler) deleteGeofence(w http.ResponseWriter, _ *http.Request, p httprouter.Params, _ grant.Grant) error {
	return reply(w, done, h.Inventory.DeleteGeofence(p.ByName("id")))
}
