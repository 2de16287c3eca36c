package subject

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"

	"github.com/dragoman-auth/dragoman/internal/processgroup"
)

// label stands on all that a run makes, so that it can be found again. Its
// value is host/pid/run: the process that cleans up, and one name per subject.
// It is one label, because the engine's builder takes a step for each.
const label = "dragoman.run"

// engine is a container engine that answers.
type engine struct {
	provider *testcontainers.DockerProvider
}

// configureLibrary stops the library from printing, and from starting its reaper, whose
// image it would have to pull; cleaning up is ours. Both can only be set for
// the whole process.
var configureLibrary = sync.OnceFunc(func() {
	log.SetDefault(discard{})
	const reaper = "TESTCONTAINERS_RYUK_DISABLED"
	if _, decided := os.LookupEnv(reaper); !decided {
		_ = os.Setenv(reaper, "true")
	}
})

// discard is a logger that writes nothing.
type discard struct{}

// Printf drops the line.
func (discard) Printf(string, ...any) {}

const engineTimeout = 5 * time.Second

// findEngine connects to the engine that DOCKER_HOST or the usual places name.
func findEngine(ctx context.Context) (e *engine, err error) {
	configureLibrary()
	defer func() {
		if r := recover(); r != nil { // the library panics where it finds no socket
			err = fmt.Errorf("no container engine: %v", r)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	if err := askNamed(ctx, os.Getenv(hostVariable)); err != nil {
		return nil, err
	}
	provider, err := testcontainers.NewDockerProvider(
		testcontainers.WithLogger(discard{}), testcontainers.WithDefaultBridgeNetwork(testcontainers.Bridge))
	if err != nil {
		return nil, fmt.Errorf("no container engine: %w", err)
	}
	if _, err := provider.Client().Ping(ctx, client.PingOptions{}); err != nil {
		_ = provider.Close()
		return nil, fmt.Errorf("no container engine answers: %w", err)
	}
	return &engine{provider}, nil
}

// hostVariable names an engine, as it does for docker itself.
const hostVariable = "DOCKER_HOST"

// askNamed wants the engine that the environment names, if any, to answer: the
// library would silently take another one, and images would be missing there.
func askNamed(ctx context.Context, host string) error {
	if host == "" {
		return nil
	}
	c, err := client.New(client.FromEnv, client.WithHost(host))
	if err == nil {
		_, err = c.Ping(ctx, client.PingOptions{})
		err = errors.Join(err, c.Close())
	}
	if err == nil {
		return nil
	}
	user := host[:strings.LastIndex(host, "@")+1] // may hold a password
	quoted := strconv.Quote(user)
	return fmt.Errorf("the container engine that $%s names does not answer: %s; correct the variable, or unset it for the engine of this machine",
		hostVariable, strings.NewReplacer(user, "", quoted[1:len(quoted)-1], "").Replace(err.Error()))
}

// EngineAnswers says whether there is a container engine, and if not, why.
func EngineAnswers(ctx context.Context) error {
	e, err := findEngine(ctx)
	if err != nil {
		return err
	}
	return e.provider.Close()
}

// newRun is a label for what this process is about to make.
func newRun() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), strings.ToLower(rand.Text()))
}

// orphaned says whether a label is of a process of this host that is no more.
func orphaned(label string) bool {
	host, _ := os.Hostname()
	rest, ours := strings.CutPrefix(label, host+"/")
	pid, _, _ := strings.Cut(rest, "/")
	number, err := strconv.Atoi(pid)
	return ours && err == nil && !processgroup.Lives(number)
}

// sweep removes the containers and then the images whose labels are doomed.
func (e *engine) sweep(ctx context.Context, doomed func(label string) bool) error {
	c := e.provider.Client()
	filters := client.Filters{}.Add("label", label)
	containers, err := c.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
	if err != nil {
		return fmt.Errorf("list containers: %w", err)
	}
	var errs []error
	for _, item := range containers.Items {
		if doomed(item.Labels[label]) {
			_, err := c.ContainerRemove(ctx, item.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
			errs = append(errs, err)
		}
	}
	images, err := c.ImageList(ctx, client.ImageListOptions{Filters: filters})
	if err != nil {
		return errors.Join(append(errs, fmt.Errorf("list images: %w", err))...)
	}
	for _, item := range images.Items {
		if doomed(item.Labels[label]) {
			_, err := c.ImageRemove(ctx, item.ID, client.ImageRemoveOptions{Force: true, PruneChildren: true})
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// sweepOrphans removes what runs that were killed have left.
func (e *engine) sweepOrphans(ctx context.Context) error { return e.sweep(ctx, orphaned) }

// sweepRun removes what one run has made.
func (e *engine) sweepRun(ctx context.Context, run string) error {
	return e.sweep(ctx, func(label string) bool { return label == run })
}

// sweepLate removes what one run has made, and what the engine still makes for
// it: a build that was interrupted comes to its end anyway.
func (e *engine) sweepLate(ctx context.Context, run string) error {
	late, cancel := context.WithTimeout(ctx, lateTimeout)
	defer cancel()
	again := time.NewTicker(lateTimeout / 10)
	defer again.Stop()
	for {
		err := e.sweepRun(ctx, run)
		select {
		case <-late.Done():
			return err
		case <-again.C:
		}
	}
}
