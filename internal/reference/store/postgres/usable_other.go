//go:build !unix

package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// usable says whether an idle connection of the pool is still one. It asks the
// server, where the socket cannot be looked at.
func usable(ctx context.Context, conn *pgx.Conn) bool { return conn.Ping(ctx) == nil }
