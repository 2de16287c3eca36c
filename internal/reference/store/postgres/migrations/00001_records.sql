-- +goose Up
CREATE TABLE records (
	kind    text   NOT NULL,
	key     bytea  NOT NULL, -- bytes: compared as such, and free to hold any
	owner   bytea  NOT NULL,
	version bigint NOT NULL,
	expires bigint,          -- epoch milliseconds; NULL is never
	value   bytea  NOT NULL,
	PRIMARY KEY (kind, key)
);
CREATE INDEX records_owner ON records (kind, owner, key);
CREATE INDEX records_expires ON records (expires) WHERE expires IS NOT NULL;

-- +goose Down
DROP TABLE records;
