# PgBouncer of Debian 12 (1.18), with which the tests run. It refuses to run as root.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends pgbouncer && rm -rf /var/lib/apt/lists/*
USER postgres
