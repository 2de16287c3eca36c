package subject

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"path"
	"strconv"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// recipe says what to run in a container.
type recipe struct {
	kind       string // image, dockerfile or builtin
	runs       string // in words, for reports
	image      string // either an image, or a build
	build      testcontainers.FromDockerfile
	entrypoint []string // where the image has none
	args       []string
	env        map[string]string
	scheme     string         // of HTTP
	ports      manifest.Ports // inside the container
}

func recipeOf(m *manifest.Manifest) recipe {
	s := m.Subject
	r := recipe{kind: "image", runs: "in a container of " + s.Image, image: s.Image, args: s.Args, env: s.Env, scheme: scheme(m), ports: s.Ports}
	if s.Dockerfile != nil {
		r.kind, r.runs = "dockerfile", "in a container built from "+s.Dockerfile.File
		r.build = testcontainers.FromDockerfile{Context: s.Dockerfile.Context, Dockerfile: s.Dockerfile.File}
	}
	return r
}

const (
	buildTimeout = 10 * time.Minute // to pull or build, and to start
	cleanTimeout = 30 * time.Second
	stopTimeout  = 2 * time.Second // between asking and killing
	lateTimeout  = 3 * time.Second // for a build that the engine ends although nobody waits
)

// startContainer runs a recipe. Ending the context ends the start; what was
// made by then is removed anyway.
func startContainer(ctx context.Context, m *manifest.Manifest, r recipe, o Options) (*Running, error) {
	p, err := newProbe(m, o)
	if err != nil {
		return nil, err
	}
	e, err := findEngine(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.sweepOrphans(ctx); err != nil {
		o.say("cannot remove what an earlier run left: %v", err)
	}
	run := newRun()
	building, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	var started testcontainers.Container
	stop := func() {
		// The run's context may be over; cleaning up must happen anyway.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTimeout)
		defer cancel()
		if started != nil {
			_ = started.Terminate(ctx, testcontainers.StopTimeout(stopTimeout))
		}
		sweep := e.sweepRun
		if started == nil && building.Err() != nil { // interrupted
			sweep = e.sweepLate
		}
		if err := sweep(ctx, run); err != nil {
			o.say("cannot remove what this run leaves (label %s=%s): %v", label, run, err)
		}
		_ = e.provider.Close()
	}
	started, err = e.create(building, r, run)
	if err == nil {
		err = started.Start(building)
	}
	if err != nil {
		err = e.withHint(ctx, err, r.image)
		stop()
		return nil, fmt.Errorf("start the container: %w", err)
	}
	running, err := e.reach(ctx, p, started, r)
	if err != nil {
		stop()
		return nil, err
	}
	running.stop = stop
	return running, nil
}

func (e *engine) create(ctx context.Context, r recipe, run string) (testcontainers.Container, error) {
	labels := map[string]string{label: run}
	request := testcontainers.ContainerRequest{
		Image: r.image, FromDockerfile: r.build, Entrypoint: r.entrypoint, Cmd: r.args, Env: r.env, Labels: labels,
	}
	var build bytes.Buffer
	if r.image == "" {
		b := &request.FromDockerfile
		b.BuildLogWriter = &build
		b.Repo, b.Tag = "dragoman-subject", path.Base(run)
		b.KeepImage = true // or the library adds labels of its own, a step each; sweepRun removes it
		if r.kind == "builtin" {
			b.BuildArgs = map[string]*string{"run": &run}
		}
		b.BuildOptionsModifier = func(o *client.ImageBuildOptions) { o.Labels = labels }
	}
	for _, port := range []int{r.ports.HTTP, r.ports.GRPC} {
		if port != 0 {
			request.ExposedPorts = append(request.ExposedPorts, exposed(port))
		}
	}
	created, err := e.provider.CreateContainer(ctx, request)
	if err != nil && build.Len() > 0 {
		err = fmt.Errorf("%w; %s", err, LastLines(build.String()))
	}
	return created, err
}

func exposed(port int) string { return strconv.Itoa(port) + "/tcp" }

// reach finds the address at which a started container answers: a mapped port
// on this host, on the engine's host or on the network's gateway, or the
// container itself. Which of them works depends on where we run.
func (e *engine) reach(ctx context.Context, p probe, c testcontainers.Container, r recipe) (*Running, error) {
	logs := func() *output { return containerLogs(ctx, c) }
	alive := func(ctx context.Context) error {
		state, err := c.State(ctx)
		if err != nil || state.Running {
			return nil // the engine may fail for a moment; the timeout ends the wait
		}
		return fmt.Errorf("the container ended before it answered (exit status %d): %s", state.ExitCode, LastLines(logs().String()))
	}
	places, err := e.places(ctx, c, r)
	if err != nil {
		return nil, errors.Join(alive(ctx), err)
	}
	place, f, err := p.await(ctx, places, alive)
	if unresponsive := new(unresponsiveError); errors.As(err, &unresponsive) {
		printed, _ := logs().end() // it may be writing a line
		err = r.explain(ctx, unresponsive, places, p, LastLines(printed))
	}
	if err != nil {
		return nil, err
	}
	running := &Running{Kind: r.kind, logs: logs, digest: imageDigest(c)}
	running.run = func(ctx context.Context, words []string) error { return runInside(ctx, c, words) }
	running.reached(place, f, p)
	running.Runs = r.runs + ", reached at " + cmp.Or(running.HTTP, running.GRPC)
	return running, nil
}

func (e *engine) places(ctx context.Context, c testcontainers.Container, r recipe) ([]address, error) {
	inside, mapped := r.ports, manifest.Ports{}
	at := func(host string, ports manifest.Ports) address {
		return address{
			http: r.scheme + net.JoinHostPort(host, strconv.Itoa(ports.HTTP)),
			grpc: net.JoinHostPort(host, strconv.Itoa(ports.GRPC)),
		}
	}
	for _, port := range []struct {
		inside  int
		outside *int
	}{{inside.HTTP, &mapped.HTTP}, {inside.GRPC, &mapped.GRPC}} { // they may be the same port
		if port.inside == 0 {
			continue
		}
		found, err := c.MappedPort(ctx, exposed(port.inside))
		if err != nil {
			return nil, fmt.Errorf("find the mapped port of %d: %w", port.inside, err)
		}
		*port.outside = int(found.Num())
	}
	places := []address{at("127.0.0.1", mapped)}
	if daemon, err := url.Parse(e.provider.Client().DaemonHost()); err == nil && daemon.Scheme == "tcp" {
		places = append(places, at(daemon.Hostname(), mapped))
	}
	inspected, err := c.Inspect(ctx)
	if err != nil {
		return nil, fmt.Errorf("inspect the container: %w", err)
	}
	for _, network := range inspected.NetworkSettings.Networks {
		if network.Gateway.IsValid() {
			places = append(places, at(network.Gateway.String(), mapped))
		}
		if network.IPAddress.IsValid() {
			places = append(places, at(network.IPAddress.String(), inside))
		}
	}
	return places, nil
}

// imageDigest is the id of the image that a container was made of.
func imageDigest(c testcontainers.Container) func(context.Context) string {
	return func(ctx context.Context) string {
		inspected, err := c.Inspect(ctx)
		if err != nil {
			return ""
		}
		return inspected.Image
	}
}

func containerLogs(ctx context.Context, c testcontainers.Container) *output {
	printed := new(output)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), engineTimeout)
	defer cancel()
	reader, err := c.Logs(ctx)
	if err != nil {
		return printed
	}
	defer reader.Close()            //nolint:errcheck // it was only read
	_, _ = io.Copy(printed, reader) // what was read before an error is worth having
	return printed
}
