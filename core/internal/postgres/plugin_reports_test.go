package postgres

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestPluginReportsAreKeptAndBounded(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	live := strings.Repeat("f", 64)
	said := core.Text{ZH: "自述", EN: "The manifest"}
	report := core.VerifyReport{
		PluginID: "sample", Version: "1.0.0", SHA256: live, RanAt: noon(), Passed: true,
		Checks: []core.VerifyCheck{{ID: "manifest", Title: said, Result: core.VerifyFailed, Detail: said}, {ID: "sends", Title: said, Result: core.VerifyNotApplicable}},
	}
	must(t, db.InDirectory(t.Context(), func(tx core.DirectoryTx) error {
		word := core.PluginWord{ID: "sample", SHA256: live, By: "user:usr_x", At: noon()}
		version := core.ApprovedVersion{PluginID: "sample", SHA256: live, ApprovedBy: "user:usr_x", ApprovedAt: noon(), LiveAt: noon()}
		if err := firstError(tx.SavePluginWord(t.Context(), word), tx.SaveApprovedVersion(t.Context(), version), tx.SavePluginReport(t.Context(), report)); err != nil {
			return err
		}
		other := report
		other.PluginID = "other"
		if err := tx.SavePluginReport(t.Context(), other); err != nil {
			return err
		}
		got, err := tx.PluginReports(t.Context(), "sample")
		if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], report) {
			t.Errorf("%+v %v", got, err)
		}
		report.Passed, report.Version = false, "1.0.1"
		if err := tx.SavePluginReport(t.Context(), report); err != nil {
			return err
		}
		for i := range 60 {
			another := report
			another.SHA256, another.RanAt = fmt.Sprintf("%064x", i), noon().Add(time.Duration(i+1)*time.Minute)
			if err := tx.SavePluginReport(t.Context(), another); err != nil {
				return err
			}
		}
		if got, err = tx.PluginReports(t.Context(), ""); err != nil || len(got) != 52 {
			t.Fatalf("%d reports, %v", len(got), err)
		}
		if last := got[len(got)-1]; last.SHA256 != live || last.Version != "1.0.1" || last.Passed {
			t.Errorf("the report on what was live: %+v", last)
		}
		return nil
	}))
}
