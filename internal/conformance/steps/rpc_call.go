package steps

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
)

// rpcCall is one call, the same over both transports.
type rpcCall struct {
	method string            // full name
	data   map[string]string // the request's members; nil is an empty request
	token  *rpcToken         // nil: none
	basic  *credentials      // over HTTP only; nil: none
}

// loginData is the request of AuthenticateEx.
func loginData(who credentials) map[string]string {
	return map[string]string{"user_name": who.login, "password": who.password}
}

// call does one call and makes its answer the last one.
func (r *rpcWords) call(ctx context.Context, transport string, c rpcCall) (*Answer, error) {
	answer, err := r.exchangeCall(ctx, transport, c)
	if err != nil {
		return nil, err
	}
	r.last = answer
	return answer, r.inTime(answer)
}

// exchangeCall does one call and touches nothing but the evidence.
func (r *rpcWords) exchangeCall(ctx context.Context, transport string, c rpcCall) (*Answer, error) {
	if password, ok := c.data["password"]; ok {
		r.subject.Secrets.Add("password", password)
	}
	if transport == viaHTTP {
		if r.config.HTTP == nil {
			return nil, errors.New("the manifest declares no rpc over HTTP")
		}
		return r.exchange(ctx, r.httpRequest(c))
	}
	client, err := r.direct()
	if err != nil {
		return nil, err
	}
	return r.exchangeDirect(ctx, client, c)
}

// httpRequest writes a call for the {method,data} endpoint.
func (r *rpcWords) httpRequest(c rpcCall) Request {
	data := c.data
	if data == nil {
		data = map[string]string{}
	}
	request := request("POST", r.config.HTTP.Path).withJSON(map[string]any{"method": c.method, "data": data})
	switch {
	case c.token != nil:
		request = request.with("Authorization", "Bearer "+c.token.value)
	case c.basic != nil:
		request = request.with("Authorization", r.basic(*c.basic))
	}
	return request
}

// basic is the value of an Authorization header.
func (r *rpcWords) basic(who credentials) string {
	r.subject.Secrets.Add("password", who.password)
	r.subject.Secrets.AddBasic(who.login, who.password)
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(who.login+":"+who.password))
}

// tokenIn reads the token that an answer grants. It is an error when there is
// none.
func (r *rpcWords) tokenIn(a *Answer) (*rpcToken, error) {
	if refusal(a) {
		return nil, fmt.Errorf("expected a token, got a refusal: %s", a.brief())
	}
	value, err := a.text("token_value")
	if err != nil {
		return nil, err
	}
	name, err := a.text("token_name")
	if err != nil {
		return nil, err
	}
	r.secret(value)
	r.names.Store(value, name)
	return &rpcToken{name: name, value: value, answer: a}, nil
}
