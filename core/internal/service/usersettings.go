package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/core"
)

// ListUserSettings implements core.UserSettings.
func (s *Service) ListUserSettings(ctx context.Context) (settings []core.UserSetting, err error) {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return nil, err
	}
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		settings, err = tx.UserSettings(ctx, id.UserID)
		return err
	})
	return settings, err
}

// KeepUserSetting implements core.UserSettings. A lost answer to COMMIT needs no reading back:
// whoever sends the setting again writes the same.
func (s *Service) KeepUserSetting(ctx context.Context, name string, value json.RawMessage) (core.UserSetting, error) {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return core.UserSetting{}, err
	}
	if err := settingName(name); err != nil {
		return core.UserSetting{}, err
	}
	if err := settingValue(value); err != nil {
		return core.UserSetting{}, err
	}
	setting := core.UserSetting{UserID: id.UserID, Name: name, Value: value, UpdatedAt: s.Clock()}
	return setting, s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if err := tx.Lock(ctx, "user settings of "+id.UserID.String()); err != nil {
			return err
		}
		kept, err := tx.UserSettings(ctx, id.UserID)
		if err != nil {
			return err
		}
		known := slices.ContainsFunc(kept, func(k core.UserSetting) bool { return k.Name == name })
		if !known && len(kept) >= core.MaxUserSettings {
			return core.Errorf(core.CodeConflict, "%d settings are kept already. Remove one first.", core.MaxUserSettings)
		}
		return tx.PutUserSetting(ctx, setting)
	})
}

// RemoveUserSetting implements core.UserSettings.
func (s *Service) RemoveUserSetting(ctx context.Context, name string) error {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return err
	}
	if err := settingName(name); err != nil {
		return err
	}
	return s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error { return tx.DeleteUserSetting(ctx, id.UserID, name) })
}

func settingName(name string) error {
	if !regexp.MustCompile(`^[a-z][a-z0-9._-]{0,63}$`).MatchString(name) {
		return core.Errorf(core.CodeInvalidRequest, "The name begins with a small letter and has at most 64 small letters, digits, dots, dashes and underscores.").At("name")
	}
	return nil
}

// settingValue refuses what is large or nested so deeply that the database would not take it.
func settingValue(value json.RawMessage) error {
	if len(value) > core.MaxUserSettingBytes {
		return core.Errorf(core.CodeInvalidRequest, "A setting has at most %d bytes.", core.MaxUserSettingBytes).At("value")
	}
	if !utf8.Valid(value) {
		return core.Errorf(core.CodeInvalidRequest, "A setting is UTF-8.").At("value")
	}
	depth, err := nesting(value)
	if err != nil {
		return core.Errorf(core.CodeInvalidRequest, "A setting is one JSON value.").At("value")
	}
	if depth > core.MaxUserSettingDepth {
		return core.Errorf(core.CodeInvalidRequest, "A setting is nested at most %d deep.", core.MaxUserSettingDepth).At("value")
	}
	return nil
}

// nesting is how deep a JSON value goes.
func nesting(value []byte) (deepest int, err error) {
	if !json.Valid(value) {
		return 0, errors.New("service: not JSON")
	}
	depth := 0
	reader := json.NewDecoder(bytes.NewReader(value))
	reader.UseNumber()
	for {
		token, err := reader.Token()
		if errors.Is(err, io.EOF) {
			return deepest, nil
		}
		if err != nil {
			return 0, err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			deepest = max(deepest, depth)
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
}
