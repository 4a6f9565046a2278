package core

import (
	"context"
	"encoding/json"
	"time"
)

// What a person may keep (seed 003, 10.6).
const (
	MaxUserSettings     = 100
	MaxUserSettingBytes = 16 << 10
	MaxUserSettingDepth = 32
)

// UserSetting is something a person has set for themselves: the columns and saved views of a
// list. It belongs to the user wherever they sign in, and holds nothing secret.
type UserSetting struct {
	UserID    ID
	Name      string          // as in "columns.orders"
	Value     json.RawMessage // what the console makes of it
	UpdatedAt time.Time
}

// UserSettings keeps what the signed-in person has set. Nothing of it is audited. An API key
// is refused with CodeForbidden.
type UserSettings interface {
	// ListUserSettings lists all of the caller's, by name.
	ListUserSettings(ctx context.Context) ([]UserSetting, error)
	// KeepUserSetting writes one, whether it was there or not. Errors: CodeInvalidRequest;
	// CodeConflict when there are MaxUserSettings already.
	KeepUserSetting(ctx context.Context, name string, value json.RawMessage) (UserSetting, error)
	// RemoveUserSetting takes one away; one that is not there is no error.
	RemoveUserSetting(ctx context.Context, name string) error
}

// UserSettingDirectory keeps settings.
type UserSettingDirectory interface {
	UserSettings(ctx context.Context, user ID) ([]UserSetting, error)
	// PutUserSetting writes s, whether it was there or not.
	PutUserSetting(ctx context.Context, s UserSetting) error
	// DeleteUserSetting takes one away; one that is not there is no error.
	DeleteUserSetting(ctx context.Context, user ID, name string) error
}
