package postgres

import (
	"context"
	"encoding/json"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	userSettingSelect = "SELECT name, value, updated_at FROM user_settings WHERE user_id = $1 ORDER BY name"
	userSettingPut    = `INSERT INTO user_settings (user_id, name, value, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`
	userSettingDelete = "DELETE FROM user_settings WHERE user_id = $1 AND name = $2"
)

// UserSettings implements core.UserSettingDirectory.
func (d *directoryTx) UserSettings(ctx context.Context, user core.ID) ([]core.UserSetting, error) {
	var rows []struct {
		Name      string `db:"name"`
		Value     []byte `db:"value"`
		UpdatedAt stamp  `db:"updated_at"`
	}
	if err := d.s.list(ctx, &rows, userSettingSelect, user); err != nil {
		return nil, err
	}
	settings := make([]core.UserSetting, len(rows))
	for i, r := range rows {
		settings[i] = core.UserSetting{UserID: user, Name: r.Name, Value: json.RawMessage(r.Value), UpdatedAt: r.UpdatedAt.Time}
	}
	return settings, nil
}

// PutUserSetting implements core.UserSettingDirectory.
func (d *directoryTx) PutUserSetting(ctx context.Context, s core.UserSetting) error {
	_, err := d.s.change(ctx, userSettingPut, s.UserID, s.Name, string(s.Value), stamp{s.UpdatedAt})
	return err
}

// DeleteUserSetting implements core.UserSettingDirectory.
func (d *directoryTx) DeleteUserSetting(ctx context.Context, user core.ID, name string) error {
	_, err := d.s.change(ctx, userSettingDelete, user, name)
	return err
}
