package rpc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/google/uuid"

	"github.com/dragoman-auth/dragoman/internal/reference/jsonrecord"
	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// kindPending is the kind of the records of logins that wait for a second factor.
const kindPending store.Kind = "rpc-pending"

// A login waits so long for its second factor, and takes so many codes.
const (
	pendingLife = 2 * time.Minute
	maxCodes    = 5
)

// pending is a login whose password was right.
type pending struct {
	Login string    `json:"login"`
	Epoch int64     `json:"epoch"`
	Ends  time.Time `json:"ends"`
	// Supervisor is who has to approve it; empty: a code of the authenticator is
	// needed.
	Supervisor string `json:"supervisor,omitempty"`
	// Code is what the supervisor has got; empty: not approved yet.
	Code  string `json:"code,omitempty"`
	Codes int    `json:"codes,omitempty"` // that were tried
	Used  bool   `json:"used,omitempty"`
}

// codeError is a refusal with a code of the dialect.
type codeError struct {
	code rpcpb.AuthenticateResponseEx_EAuthenticateCode
	text string
}

func (e *codeError) Error() string { return e.text }

// The refusals of a second factor (RPC-30).
var (
	errWrongCode   = &codeError{rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_TFA_WRONG_CODE, "wrong verification code"}
	errManyCodes   = &codeError{rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_TFA_ATTEMPT_LIMIT_EXCEEDED, "too many wrong verification codes: log in again"}
	errPendingOver = &codeError{rpcpb.AuthenticateResponseEx_AUTHENTICATE_CODE_TFA_TIME_EXCEEDED, "this login does not wait for a code any more: log in again"}
)

// challenge begins to wait for the second factor of a user (RPC-29).
func (s *Server) challenge(ctx context.Context, user *account.User) (*rpcpb.SecondFactorInfo, error) {
	id, err := uuid.NewRandomFromReader(s.cfg.Rand)
	if err != nil {
		return nil, fmt.Errorf("draw an id: %w", err)
	}
	kind := rpcpb.SecondFactorInfo_GOOGLE_AUTHENTICATOR
	if user.SecondFactor == account.Supervisor {
		kind = rpcpb.SecondFactorInfo_SUPERVISOR
	}
	now := s.cfg.Clock.Now().UTC()
	ends := now.Add(pendingLife).Truncate(time.Second)
	// It stays for a while after its end, so that a late code is told so.
	record := store.Record{Kind: kindPending, Key: id.String(), Owner: user.Login, Expires: ends.Add(pendingLife)}
	err = jsonrecord.Create(ctx, s.cfg.Store, record, pending{Login: user.Login, Epoch: user.Epoch, Ends: ends, Supervisor: user.SupervisedBy})
	if err != nil {
		return nil, err
	}
	return &rpcpb.SecondFactorInfo{Type: kind, SessionId: id.String(), SessionExpiresAt: wire.FormatCompactTime(ends)}, nil
}

// bySecondFactor issues the token of a login that waits, for the right code.
func (s *Server) bySecondFactor(ctx context.Context, req *rpcpb.SecondFactorRequest) (*rpcpb.AuthenticateResponseEx, error) {
	p, err := s.changePending(ctx, req.GetSessionId(), func(p *pending) error {
		switch {
		case p.Used:
			return errPendingOver
		case p.Codes >= maxCodes:
			return errManyCodes
		}
		p.Codes++ // before it is compared: so many at the same moment are no more than so many
		return nil
	})
	if err != nil {
		return s.refuseCode(err)
	}
	attempt := account.Attempt{Dialect: wire.RPC, Account: p.Login, Address: callerOf(ctx).address}
	user, err := s.cfg.Accounts.VerifySecond(ctx, attempt, func() (bool, error) { return s.rightCode(ctx, p, req) })
	switch {
	case errors.Is(err, account.ErrWrongCredentials):
		return s.refuseCode(errWrongCode)
	case err == nil && user.Epoch != p.Epoch, errors.Is(err, account.ErrUnknownUser):
		return s.refuseCode(errPendingOver) // the password was changed meanwhile, or the account is gone
	case err != nil:
		return nil, err
	}
	token, err := s.cfg.Grants.OpenRPC(ctx, subject(&user))
	if err != nil {
		return nil, err
	}
	return issued(&user, token), nil
}

// rightCode compares the code, and takes the login as used when it is right.
func (s *Server) rightCode(ctx context.Context, p pending, req *rpcpb.SecondFactorRequest) (bool, error) {
	code := req.GetVerificationCode()
	right, err := p.Code != "" && subtle.ConstantTimeCompare([]byte(p.Code), []byte(code)) == 1, error(nil)
	if p.Supervisor == "" {
		right, err = s.cfg.Accounts.VerifyTOTP(ctx, p.Login, code)
	}
	if err != nil || !right {
		return false, err
	}
	_, err = s.changePending(ctx, req.GetSessionId(), func(p *pending) error {
		if p.Used {
			return errWrongCode
		}
		p.Used = true
		return nil
	})
	var refused *codeError
	if errors.As(err, &refused) {
		return false, nil
	}
	return err == nil, err
}

// refuseCode is the answer to a code that is refused.
func (s *Server) refuseCode(err error) (*rpcpb.AuthenticateResponseEx, error) {
	var refusal *codeError
	if errors.As(err, &refusal) {
		return refused(refusal.code, refusal), nil
	}
	return nil, err
}

// changePending edits a login that waits. There is errPendingOver where there is
// none, or its time is over.
func (s *Server) changePending(ctx context.Context, id string, edit func(*pending) error) (pending, error) {
	var changed pending
	err := jsonrecord.Change(ctx, s.cfg.Store, kindPending, id, func(record *store.Record, p *pending) error {
		if record.Version == 0 || !s.cfg.Clock.Now().Before(p.Ends) {
			return errPendingOver
		}
		if err := edit(p); err != nil {
			return err
		}
		changed = *p
		return nil
	})
	return changed, err
}

// supervise does what the supervisor of a login that waits decides.
func (s *Server) supervise(ctx context.Context, id string, decide func(*pending) error) (pending, rpcpb.ESecondFactorCode, error) {
	login := callerOf(ctx).login
	code := rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_OK
	p, err := s.changePending(ctx, id, func(p *pending) error {
		switch {
		case p.Supervisor == "" || p.Used:
			code = rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_WRONG_SESSION
			return store.ErrUnchanged
		case !account.SameName(p.Supervisor, login):
			code = rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_WRONG_SUPERVISOR
			return store.ErrUnchanged
		case p.Codes >= maxCodes:
			code = rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_ATTEMPT_LIMIT_EXCEEDED
			return store.ErrUnchanged
		}
		code = rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_OK
		return decide(p)
	})
	if errors.Is(err, errPendingOver) {
		return p, rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_TIME_EXCEEDED, nil
	}
	return p, code, err
}

// approve gives the supervisor the code for a login that waits.
func (s *Server) approve(ctx context.Context, req *rpcpb.SupervisorRequest) (*rpcpb.ApproveResponse, error) {
	number, err := rand.Int(s.cfg.Rand, big.NewInt(1_000_000))
	if err != nil {
		return nil, fmt.Errorf("draw a code: %w", err)
	}
	p, code, err := s.supervise(ctx, req.GetSessionId(), func(p *pending) error {
		p.Code = fmt.Sprintf("%06d", number)
		return nil
	})
	if err != nil || code != rpcpb.ESecondFactorCode_AUTHENTICATE_SFC_OK {
		return &rpcpb.ApproveResponse{ErrorCode: code}, err
	}
	return &rpcpb.ApproveResponse{SessionId: req.GetSessionId(), VerificationCode: p.Code}, nil
}

// decline ends a login that waits.
func (s *Server) decline(ctx context.Context, req *rpcpb.SupervisorRequest) (*rpcpb.DeclineResponse, error) {
	_, code, err := s.supervise(ctx, req.GetSessionId(), func(p *pending) error {
		p.Used = true
		return nil
	})
	return &rpcpb.DeclineResponse{ErrorCode: code}, err
}
