package account_test

import (
	"errors"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/scope"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// TestADeletedAccountIsGone: with its API keys; its login and e-mail address are free,
// and who takes them gets none of its sessions.
func TestADeletedAccountIsGone(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	before := s.login(t, "ann", "first", nil)
	s.must(t, s.Delete(t.Context(), "ann"))
	s.clock.Advance(account.Staleness)
	s.login(t, "ann", "first", account.ErrWrongCredentials)
	s.login(t, "ann@example.com", "first", account.ErrWrongCredentials)
	if _, active, err := s.directory.Epoch(t.Context(), "ann"); active || err != nil {
		t.Errorf("its sessions live on (%v)", err)
	}
	if err := s.Delete(t.Context(), "ann"); !errors.Is(err, account.ErrNoAccount) {
		t.Errorf("a second deletion: %v", err)
	}
	s.must(t, s.Add(t.Context(), account.Account{Login: "other", Email: "ann@example.com", Password: "other"}))
	s.must(t, s.Add(t.Context(), account.Account{Login: "ann", Password: "second", Rights: scope.Rights{"*"}}))
	if after := s.login(t, "ann", "second", nil); after.Epoch == before.Epoch {
		t.Error("the sessions of the deleted account are those of the new one")
	}
	s.clock.Advance(account.Staleness)
	if _, _, err := s.directory.ByAPIKey(t.Context(), "0123456789abcdef"); !errors.Is(err, account.ErrUnknownKey) {
		t.Errorf("the API key of the deleted account: %v", err)
	}
}

func TestASupervisorIsNotDeleted(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.must(t, s.Add(t.Context(), account.Account{Login: "ben", Password: "ben", Supervisor: "ann"}))
	if err := s.Delete(t.Context(), "ann"); err == nil {
		t.Error("the supervisor of ben was deleted")
	}
	s.login(t, "ann", "first", nil)
	s.must(t, s.Delete(t.Context(), "ben"))
	s.must(t, s.Delete(t.Context(), "ann"))
}
