package core

import (
	"context"
	"time"
)

// Invitation is how somebody was let in: by a one-time link that another person handed over.
// It is zero for who came otherwise, or before invitations were kept.
type Invitation struct {
	By         string    // the actor who invited last
	At         time.Time // when
	ExpiresAt  time.Time // until when the link counts; zero: it was taken back
	AcceptedAt time.Time // when the person set a password; zero: not yet
}

// RoleGrant is a role template with what it allows.
type RoleGrant struct {
	Role        Role
	Permissions []Permission
}

// Invitations let people in and explain what they may do then. They are part of People.
type Invitations interface {
	// RoleGrants lists every role template with what the policy lets it do.
	RoleGrants(ctx context.Context) ([]RoleGrant, error)
	// RenewInvitation gives a new link to somebody who was invited and never came; the earlier
	// one stops working. Errors: CodeInvalidState when the person has a password.
	RenewInvitation(ctx context.Context, user ID) (UserReply, error)
	// RevokeInvitation takes the link back. Errors: CodeInvalidState when the person has a password.
	RevokeInvitation(ctx context.Context, user ID) (User, error)
}

// OwnAccess is what people do about their own access. It is part of People.
type OwnAccess interface {
	// Rename changes the caller's name.
	Rename(ctx context.Context, name string) (Me, error)
	// EndOtherSessions signs the caller out everywhere but here.
	EndOtherSessions(ctx context.Context) error
	// RenewRecoveryCodes gives new recovery codes; the earlier ones stop working. It needs a
	// fresh confirmation. Errors: CodeInvalidState without one-time codes.
	RenewRecoveryCodes(ctx context.Context) ([]string, error)
	// DisableTOTP ends the one-time codes and their recovery codes. It needs a fresh confirmation.
	DisableTOTP(ctx context.Context) error
}

// LinkDirectory keeps a user's one-time links of one purpose together. It is part of DirectoryTx.
type LinkDirectory interface {
	// DeleteLinks ends all of the user's links of the purpose.
	DeleteLinks(ctx context.Context, user ID, purpose string) error
	// CountLinks counts those that still count.
	CountLinks(ctx context.Context, user ID, purpose string, now time.Time) (int, error)
}
