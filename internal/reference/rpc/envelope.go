package rpc

import (
	"bytes"
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/reference/httpio"
	"github.com/dragoman-auth/dragoman/internal/wire"
)

// readEnvelope reads {"method":...,"data":{...}} from a request's body.
func readEnvelope(r *http.Request) (wire.RPCEnvelope, error) {
	body, err := httpio.Body(r)
	if err != nil {
		return wire.RPCEnvelope{}, err
	}
	if envelope, ok := plainEnvelope(body); ok {
		return envelope, nil
	}
	var envelope wire.RPCEnvelope
	if err := httpio.Unmarshal(body, &envelope); err != nil {
		return wire.RPCEnvelope{}, err
	}
	if envelope.Method == "" {
		return wire.RPCEnvelope{}, httpio.BadRequest(`the body needs {"method":...,"data":{...}}`)
	}
	return envelope, nil
}

// plainEnvelope reads a call without data as most clients write it, because JSON
// would cost more than the rest of the request. ok is false for every other body.
func plainEnvelope(body []byte) (envelope wire.RPCEnvelope, ok bool) {
	rest, opens := bytes.CutPrefix(body, []byte(`{"method":"`))
	name, closes := bytes.CutSuffix(rest, []byte(`","data":{}}`))
	if !opens || !closes || len(name) == 0 {
		return wire.RPCEnvelope{}, false
	}
	for _, c := range name {
		if c != '.' && c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') {
			return wire.RPCEnvelope{}, false
		}
	}
	return wire.RPCEnvelope{Method: string(name), Data: noData}, true
}

var noData = []byte("{}")
