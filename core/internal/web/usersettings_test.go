package web

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

func sampleUserSetting() core.UserSetting {
	return core.UserSetting{UserID: num(10), Name: "columns.orders", Value: json.RawMessage(`{"hidden":["subject"]}`), UpdatedAt: at()}
}

func (f *fake) ListUserSettings(ctx context.Context) ([]core.UserSetting, error) {
	return []core.UserSetting{sampleUserSetting()}, f.called(ctx, "ListUserSettings")
}

func (f *fake) KeepUserSetting(ctx context.Context, name string, value json.RawMessage) (core.UserSetting, error) {
	s := sampleUserSetting()
	s.Name, s.Value = name, value
	return s, f.called(ctx, "KeepUserSetting")
}

func (f *fake) RemoveUserSetting(ctx context.Context, _ string) error {
	return f.called(ctx, "RemoveUserSetting")
}

func TestUserSettingsKeepAnyJSONUnderAName(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, value := range []string{`{"order":["state","amount"],"hidden":[]}`, `[]`, `"x"`, `null`, `1`} {
		got := r.do("PUT", "/v1/user-settings/views.unknown-orders", `{"value":`+value+`}`, byCookie())
		var s struct {
			Name  string          `json:"name"`
			Value json.RawMessage `json:"value"`
		}
		if err := json.Unmarshal(got.body, &s); err != nil || got.status != 200 || s.Name != "views.unknown-orders" || string(s.Value) != value {
			t.Errorf("%s: %d %s %v", value, got.status, got.body, err)
		}
	}
	before := r.count()
	for path, body := range map[string]string{
		"/v1/user-settings/views": `{}`,
		"/v1/user-settings/v":     `{"value":1,"user_id":"usr_1"}`,
	} {
		if got := r.do("PUT", path, body, byCookie()); got.status != 400 && got.status != 422 {
			t.Errorf("%s %s: %d %s", path, body, got.status, got.body)
		}
	}
	if r.count() != before {
		t.Error("a use case was called with what the document does not allow")
	}
}
