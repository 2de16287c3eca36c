// Package warehouse is a little client of a back office of the session dialect, as a
// program has one: two calls, typed answers, errors of its own. Its tests are the example:
// they show how such a client is tested against a mock that fails, in a time that does
// not pass.
package warehouse

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-resty/resty/v2"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// ErrNothingLeft is the error of a reservation of something that is not there.
var ErrNothingLeft = errors.New("nothing is left")

// Client calls the back office. It is safe for concurrent use.
type Client struct{ office *sdk.Client }

// New returns a client. Tests give options of their own, for a transport in memory.
func New(url, email string, password sdk.Secret, options ...sdk.Option) (*Client, error) {
	office, err := sdk.New(url, session.Password(email, password), append([]sdk.Option{sdk.WithRetry(4)}, options...)...)
	if err != nil {
		return nil, err
	}
	return &Client{office}, nil
}

// Close ends the client.
func (c *Client) Close(ctx context.Context) error { return c.office.Close(ctx) }

// Left says how many pieces there are.
func (c *Client) Left(ctx context.Context, article string) (int, error) {
	var stock struct{ Left int }
	response, err := c.office.R(ctx).SetResult(&stock).Get("/stock/" + article)
	return stock.Left, answer(response, err)
}

// Reserve takes one piece for an order. The order is the key of the reservation: however
// often the request is sent, the back office takes one piece for it.
func (c *Client) Reserve(ctx context.Context, article, order string) error {
	request := c.office.R(ctx).SetHeader("Idempotency-Key", order) // so the SDK may send it again
	return answer(request.Post("/stock/" + article + "/reservations"))
}

func answer(response *resty.Response, err error) error {
	switch {
	case err != nil:
		return err
	case response.StatusCode() == http.StatusConflict:
		return ErrNothingLeft
	case response.IsError():
		return fmt.Errorf("the back office answers %s", response.Status())
	}
	return nil
}
