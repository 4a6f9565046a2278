package service

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestUserSettingsBelongToThePerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	owner := h.person(t, a.ID, "owner@a.example", core.RoleTenantOwner)
	viewer := h.person(t, a.ID, "viewer@a.example", core.RoleTenantViewer)
	hers, his := h.as(t, owner, a.ID), h.as(t, viewer, a.ID)

	keep := func(ctx context.Context, name, value string) error {
		_, err := h.KeepUserSetting(ctx, name, json.RawMessage(value))
		return err
	}
	held := func(ctx context.Context) (text string) {
		settings, err := h.ListUserSettings(ctx)
		wantCode(t, "list", err, "")
		for _, s := range settings {
			text += s.Name + "=" + string(s.Value) + ";"
		}
		return text
	}
	wantCode(t, "keep", keep(hers, "columns.orders", `{"hidden":["subject"]}`), "")
	wantCode(t, "over it", keep(hers, "columns.orders", `{"hidden":[]}`), "")
	wantCode(t, "another's of that name", keep(his, "columns.orders", `["\u0000"]`), "")
	if got := held(h.as(t, owner, a.ID)); got != `columns.orders={"hidden":[]};` {
		t.Errorf("hers: %s", got)
	}
	if got := held(his); got != `columns.orders=["\u0000"];` {
		t.Errorf("his: %s", got)
	}
	wantCode(t, "remove", h.RemoveUserSetting(hers, "columns.orders"), "")
	wantCode(t, "remove again", h.RemoveUserSetting(hers, "columns.orders"), "")
	if got := held(hers) + held(his); got != `columns.orders=["\u0000"];` {
		t.Errorf("after removal: %s", got)
	}

	key, secret, err := h.CreateAPIKey(hers, core.APIKeyInput{Name: "shop", Role: core.RoleTenantDeveloper})
	wantCode(t, "key "+key.Name, err, "")
	program, err := h.AuthenticateKey(t.Context(), secret, "192.0.2.1")
	wantCode(t, "key", err, "")
	ctx := core.WithIdentity(t.Context(), program)
	_, err = h.ListUserSettings(ctx)
	wantCode(t, "list by key", err, core.CodeForbidden)
	wantCode(t, "keep by key", keep(ctx, "x", "1"), core.CodeForbidden)
	wantCode(t, "remove by key", h.RemoveUserSetting(ctx, "x"), core.CodeForbidden)
}

func TestUserSettingsAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := h.as(t, h.person(t, core.ID{}, "a@example.com", core.RolePlatformAuditor), core.ID{})
	deep := strings.Repeat("[", core.MaxUserSettingDepth)
	for name, c := range map[string]struct {
		setting, value string
		want           core.Code
	}{
		"largest":         {"a", `"` + strings.Repeat("x", core.MaxUserSettingBytes-2) + `"`, ""},
		"too large":       {"a", `"` + strings.Repeat("x", core.MaxUserSettingBytes-1) + `"`, core.CodeInvalidRequest},
		"deepest":         {"b", deep + strings.Repeat("]", len(deep)), ""},
		"too deep":        {"b", "[" + deep + strings.Repeat("]", len(deep)+1), core.CodeInvalidRequest},
		"huge number":     {"c", "1e999999", ""},
		"half a pair":     {"d", `"\ud800"`, ""},
		"Chinese, emoji":  {"e", `"待确认 🧾"`, ""},
		"not UTF-8":       {"e", "\"\xff\"", core.CodeInvalidRequest},
		"not JSON":        {"f", "{", core.CodeInvalidRequest},
		"two values":      {"f", "1 2", core.CodeInvalidRequest},
		"nothing":         {"f", "", core.CodeInvalidRequest},
		"name too long":   {strings.Repeat("a", 65), "1", core.CodeInvalidRequest},
		"name in capital": {"A", "1", core.CodeInvalidRequest},
		"no name":         {"", "1", core.CodeInvalidRequest},
	} {
		_, err := h.KeepUserSetting(ctx, c.setting, json.RawMessage(c.value))
		wantCode(t, name, err, c.want)
	}
	settings, err := h.ListUserSettings(ctx)
	wantCode(t, "list", err, "")
	for i := len(settings); i < core.MaxUserSettings; i++ {
		_, err := h.KeepUserSetting(ctx, fmt.Sprintf("s%d", i), json.RawMessage("1"))
		wantCode(t, "keep another", err, "")
	}
	_, err = h.KeepUserSetting(ctx, "one-more", json.RawMessage("1"))
	wantCode(t, "one more", err, core.CodeConflict)
	_, err = h.KeepUserSetting(ctx, "a", json.RawMessage("2"))
	wantCode(t, "one that is there", err, "")
}
