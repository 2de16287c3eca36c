package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Pooled says whether the connections to a database go through a pooler.
func Pooled(ctx context.Context, url string) (bool, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return false, err
	}
	return migrate(ctx, config)
}
