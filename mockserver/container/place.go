package container

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// How long Run looks for a place where the mock answers, and at one of them, and
// how long it pauses once it has looked everywhere.
const (
	findTimeout = 30 * time.Second
	tryTimeout  = 2 * time.Second
	pause       = 100 * time.Millisecond
)

// place is a host and the numbers that the ports have there.
type place struct{ host, http, grpc, management string }

// find takes the first place where the management answers. Which of them does depends
// on where this program runs: beside the engine, in a container of it, or elsewhere.
func (c *Container) find(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	places, err := c.places(ctx)
	if err != nil {
		return err
	}
	for {
		var tried []error
		for _, p := range places {
			management := "http://" + net.JoinHostPort(p.host, p.management)
			err := healthy(ctx, management)
			if err == nil {
				c.URL, c.GRPC, c.ManagementURL = "http://"+net.JoinHostPort(p.host, p.http), net.JoinHostPort(p.host, p.grpc), management
				return nil
			}
			tried = append(tried, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it answers nowhere: %w", errors.Join(tried...))
		case <-time.After(pause):
		}
	}
}

// places are this host and the engine's, each with the mapped ports, and the address of
// the container itself.
func (c *Container) places(ctx context.Context) ([]place, error) {
	var mapped place
	for port, outside := range map[string]*string{httpPort: &mapped.http, grpcPort: &mapped.grpc, managementPort: &mapped.management} {
		found, err := c.MappedPort(ctx, port)
		if err != nil {
			return nil, fmt.Errorf("find the mapped port of %s: %w", port, err)
		}
		*outside = found.Port()
	}
	places := []place{mapped}
	places[0].host = "127.0.0.1"
	if host, err := c.Host(ctx); err == nil {
		mapped.host = host
		places = append(places, mapped)
	}
	if ip, err := c.ContainerIP(ctx); err == nil && ip != "" {
		places = append(places, place{ip, "8080", "9090", "8081"})
	}
	return places, nil
}

// healthy asks the management whether the mock runs.
func healthy(ctx context.Context, management string) error {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, management+"/health", http.NoBody)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", management, response.Status)
	}
	return nil
}
