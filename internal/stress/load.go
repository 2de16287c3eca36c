package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// working is the load on the machine, from load to stop.
type working struct {
	cancel context.CancelFunc
	all    sync.WaitGroup
	err    error // of the writer, once all have ended
}

// load starts two busy loops, and a writer of files in dir that waits until each is on
// the disk. They run until stop, or until ctx ends.
func load(ctx context.Context, dir string) *working {
	w := &working{}
	ctx, w.cancel = context.WithCancel(ctx)
	for range 2 {
		w.all.Go(func() { spin(ctx) })
	}
	w.all.Go(func() { w.err = writeFiles(ctx, filepath.Join(dir, "load")) })
	return w
}

// stop returns why the writer could not write, if so.
func (w *working) stop() error {
	w.cancel()
	w.all.Wait()
	return w.err
}

func spin(ctx context.Context) {
	for n := 0; n%1_000_000 != 0 || ctx.Err() == nil; n++ { // to ask each time would be no load
	}
}

func writeFiles(ctx context.Context, path string) error {
	content := make([]byte, 32<<20)
	for ctx.Err() == nil {
		if err := writeThrough(path, content); err != nil {
			return err
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func writeThrough(path string, content []byte) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}
