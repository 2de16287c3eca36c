package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-resty/resty/v2"

	"github.com/dragoman-auth/dragoman/internal/memhttp"
	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func ExampleNew() {
	client, err := sdk.New("https://demo.back-office.pro", session.Password("me@example.com", sdk.NewSecret("...")))
	fmt.Println(client, err)
	_, err = sdk.New("http://demo.back-office.pro", session.Password("me@example.com", sdk.NewSecret("...")))
	fmt.Println(err)
	// Output:
	// client of https://demo.back-office.pro in dialect session <nil>
	// new client: base URL http://demo.back-office.pro would send credentials in clear; use https, or sdk.WithAllowPlaintext: bad configuration
}

func ExampleSecret() {
	secret := sdk.NewSecret("hunter2")
	fmt.Println(secret, len(secret.Reveal()))
	fmt.Printf("%+v\n", struct{ Password sdk.Secret }{secret})
	// Output:
	// [redacted] 7
	// {Password:[redacted]}
}

func ExampleError() {
	office := fakeoffice.New()
	client, err := sdk.New("https://office.example", session.Password("me@example.com", sdk.NewSecret("wrong")), sdk.WithHTTPTransport(memhttp.Transport(office)))
	if err != nil {
		fmt.Println(err)
		return
	}
	err = client.Login(context.Background())
	var e *sdk.Error
	if errors.As(err, &e) {
		fmt.Println(e.Op, e.Status, e.Temporary, errors.Is(err, sdk.ErrRefused))
	}
	fmt.Println(err)
	// Output:
	// login 401 false true
	// session login: refused: the server answered 401 Unauthorized to POST /sessions
}

// Ask an unknown server, without credentials, which dialect it speaks.
func ExampleDetect() {
	server := http.NewServeMux() // some vendor's
	server.HandleFunc("POST /api/v1/auth/token", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"success": false, "name": "ValidationError", "code": "400"}`)
	})
	detections, err := sdk.Detect(context.Background(), "https://office.example", sdk.WithHTTPTransport(memhttp.Transport(server)))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range detections {
		fmt.Println(d.Dialect, d.Sure)
	}
	// Output: scoped true
}

// Give an http.Client that logs in by itself to code that knows nothing of tokens.
func ExampleClient_HTTPClient() {
	credentials := session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password))
	client, err := sdk.New("https://office.example", credentials, sdk.WithHTTPTransport(memhttp.Transport(fakeoffice.New())))
	if err != nil {
		fmt.Println(err)
		return
	}
	response, err := client.HTTPClient().Get("https://office.example/users")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	fmt.Println(response.Status, client.Close(context.Background()))
	// Output: 200 OK <nil>
}

// Headers and hooks for all requests.
func ExampleClient_HTTPClient_hooks() {
	client, err := sdk.New("https://office.example", session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)),
		sdk.WithHTTPTransport(memhttp.Transport(fakeoffice.New())))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer func() { _ = client.Close(ctx) }()
	api := resty.NewWithClient(client.HTTPClient()).SetBaseURL(client.BaseURL().String()).
		SetHeader("X-Tenant", "7").
		OnAfterResponse(func(_ *resty.Client, response *resty.Response) error {
			fmt.Println(response.Request.Method, response.Request.Header.Get("X-Tenant"), response.StatusCode())
			return nil
		})
	_, err = api.R().SetContext(ctx).Get("/users")
	fmt.Println(err)
	// Output:
	// GET 7 200
	// <nil>
}
