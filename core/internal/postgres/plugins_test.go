package postgres

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestPluginWordsAreGuardedAndHeardOf(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	heard := make(chan struct{}, 16)
	listening := make(chan error, 1)
	go func() { listening <- db.ListenPlugins(ctx, func() { heard <- struct{}{} }) }()
	in := func(fn func(tx core.DirectoryTx) error) error { return db.InDirectory(t.Context(), fn) }
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	word := core.PluginWord{ID: "sample", SHA256: a, By: "user:usr_x", At: noon()}
	version := core.ApprovedVersion{PluginID: "sample", SHA256: a, Version: "1.0.0", ApprovedBy: "user:usr_x", ApprovedAt: noon(), LiveAt: noon()}
	must(t, in(func(tx core.DirectoryTx) error {
		return firstError(tx.SavePluginWord(t.Context(), word), tx.SaveApprovedVersion(t.Context(), version))
	}))
	// A second first word, and one that replaces a word that is gone, are somebody else's.
	for _, v := range []int{0, 7} {
		word.Version = v
		if err := in(func(tx core.DirectoryTx) error { return tx.SavePluginWord(t.Context(), word) }); core.CodeOf(err) != core.CodeConflict {
			t.Errorf("version %d: %v", v, err)
		}
	}
	// The listener may have come after the first word: it is told of those after it.
	deadline := time.After(time.Minute)
	for n, told := 1, false; !told; n++ {
		must(t, in(func(tx core.DirectoryTx) error {
			return tx.SavePluginWord(t.Context(), core.PluginWord{ID: "sample", SHA256: b, Disabled: n%2 == 0, By: "user:usr_y", At: noon(), Version: n})
		}))
		select {
		case <-heard:
			told = true
		case <-time.After(100 * time.Millisecond):
		case <-deadline:
			t.Fatal("no change was heard of")
		}
	}
	version.SHA256, version.Version, version.LiveAt = b, "2.0.0", noon().Add(time.Second)
	back := core.ApprovedVersion{PluginID: "sample", SHA256: a, ApprovedBy: "user:usr_z", ApprovedAt: noon().Add(time.Minute), LiveAt: noon().Add(time.Minute)}
	must(t, in(func(tx core.DirectoryTx) error {
		if err := firstError(tx.SaveApprovedVersion(t.Context(), version), tx.SaveApprovedVersion(t.Context(), back)); err != nil {
			return err
		}
		got, err := tx.ApprovedVersions(t.Context(), "sample")
		if err != nil || len(got) != 2 || got[0].SHA256 != a || got[1] != version {
			t.Errorf("%+v %v", got, err)
		}
		// Made live again: who approved it first, and what it is called, stay.
		if got[0].Version != "1.0.0" || got[0].ApprovedBy != "user:usr_x" || !got[0].LiveAt.Equal(back.LiveAt) {
			t.Errorf("%+v", got[0])
		}
		w, err := tx.PluginWord(t.Context(), "sample")
		if err != nil || w.SHA256 != b || w.By != "user:usr_y" {
			t.Errorf("%+v %v", w, err)
		}
		_, err = tx.PluginWord(t.Context(), "nobody")
		if core.CodeOf(err) != core.CodeNotFound {
			t.Error(err)
		}
		return nil
	}))
	stop()
	if err := <-listening; err != nil {
		t.Error(err)
	}
}
