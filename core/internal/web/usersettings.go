package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

func userSettingOf(s core.UserSetting) api.UserSetting {
	return api.UserSetting{Name: s.Name, Value: s.Value, UpdatedAt: utc(s.UpdatedAt)}
}

// ListUserSettings lists what the caller has set.
func (o *operations) ListUserSettings(ctx context.Context, _ api.ListUserSettingsRequestObject) (api.ListUserSettingsResponseObject, error) {
	rows, err := o.opt.UserSettings.ListUserSettings(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListUserSettings200JSONResponse{Items: each(rows, userSettingOf)}, nil
}

// PutUserSetting keeps one.
func (o *operations) PutUserSetting(ctx context.Context, r api.PutUserSettingRequestObject) (api.PutUserSettingResponseObject, error) {
	setting, err := o.opt.UserSettings.KeepUserSetting(ctx, r.Name, r.Body.Value)
	if err != nil {
		return nil, err
	}
	return api.PutUserSetting200JSONResponse(userSettingOf(setting)), nil
}

// DeleteUserSetting takes one away.
func (o *operations) DeleteUserSetting(ctx context.Context, r api.DeleteUserSettingRequestObject) (api.DeleteUserSettingResponseObject, error) {
	if err := o.opt.UserSettings.RemoveUserSetting(ctx, r.Name); err != nil {
		return nil, err
	}
	return api.DeleteUserSetting204Response{}, nil
}
