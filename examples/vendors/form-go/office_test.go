package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestConformance judges the server in this process: what dragoman.yaml declares, with a
// subtest for each requirement.
func TestConformance(t *testing.T) {
	t.Parallel()
	m, err := manifest.Load("dragoman.yaml")
	if err != nil {
		t.Fatal(err)
	}
	full := m.Dialects.Form.Accounts.Full
	server := httptest.NewUnstartedServer(nil)
	server.Config = newServer(newOffice(map[string]string{full.Login: full.Password}, true))
	server.Start()
	defer server.Close()
	m.Subject = manifest.Subject{URL: server.URL, Ready: m.Subject.Ready} // and not the command
	conformance.Test(t, m, conformance.Options{Strict: true})
}

// TestAnEndInGoodOrder: a request that has begun is answered before the program ends.
func TestAnEndInGoodOrder(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun, stopping := make(chan struct{}), make(chan struct{})
	server := newServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(begun)
		<-stopping
	}))
	server.RegisterOnShutdown(func() { close(stopping) })
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error, 1)
	go func() {
		response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + listener.Addr().String())
		if err == nil {
			err = response.Body.Close()
		}
		answered <- err
	}()
	go func() {
		<-begun
		cancel()
	}()
	if err := serve(ctx, server, listener); err != nil {
		t.Error(err)
	}
	if open := server.Close(); open != nil { // what is not answered by now never is
		t.Error(open)
	}
	if err := <-answered; err != nil {
		t.Errorf("a request that had begun: %v", err)
	}
}
