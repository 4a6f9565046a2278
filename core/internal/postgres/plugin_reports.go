package postgres

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	reportSelect = "SELECT plugin_id, sha256, version, ran_at, passed, checks FROM plugin_reports WHERE plugin_id = $1 OR $1 = '' ORDER BY plugin_id, ran_at DESC, sha256"
	reportSave   = `INSERT INTO plugin_reports (plugin_id, sha256, version, ran_at, passed, checks) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (plugin_id, sha256) DO UPDATE SET version = EXCLUDED.version, ran_at = EXCLUDED.ran_at, passed = EXCLUDED.passed, checks = EXCLUDED.checks`
	// Whoever drops in a file after the other must not fill the table.
	reportPrune = `DELETE FROM plugin_reports WHERE plugin_id = $1 AND sha256 IN (
		SELECT r.sha256 FROM plugin_reports r WHERE r.plugin_id = $1
			AND NOT EXISTS (SELECT FROM plugin_versions v WHERE v.plugin_id = r.plugin_id AND v.sha256 = r.sha256)
		ORDER BY r.ran_at DESC, r.sha256 OFFSET 50)`
)

type reportRow struct {
	PluginID string   `db:"plugin_id"`
	SHA256   []byte   `db:"sha256"`
	Version  string   `db:"version"`
	RanAt    stamp    `db:"ran_at"`
	Passed   bool     `db:"passed"`
	Checks   document `db:"checks"`
}

// checkDocument is a check as it is stored.
type checkDocument struct {
	ID     string    `json:"id"`
	Title  core.Text `json:"title"`
	Result string    `json:"result"`
	Detail core.Text `json:"detail"`
}

// PluginReports implements core.PluginReportReader.
func (d *directoryTx) PluginReports(ctx context.Context, id string) ([]core.VerifyReport, error) {
	var rows []reportRow
	if err := d.s.list(ctx, &rows, reportSelect, id); err != nil {
		return nil, err
	}
	out := make([]core.VerifyReport, 0, len(rows))
	for _, r := range rows {
		report := core.VerifyReport{PluginID: r.PluginID, Version: r.Version, SHA256: hex.EncodeToString(r.SHA256), RanAt: r.RanAt.Time, Passed: r.Passed}
		var checks []checkDocument
		if err := json.Unmarshal(r.Checks, &checks); err != nil {
			return nil, fmt.Errorf("postgres: a plugin's report: %w", err)
		}
		for _, c := range checks {
			report.Checks = append(report.Checks, core.VerifyCheck{ID: c.ID, Title: c.Title, Result: core.VerifyResult(c.Result), Detail: c.Detail})
		}
		out = append(out, report)
	}
	return out, nil
}

// SavePluginReport implements core.PluginReportTx.
func (d *directoryTx) SavePluginReport(ctx context.Context, r core.VerifyReport) error {
	sum, err := hashOf(r.SHA256)
	if err != nil {
		return err
	}
	checks := make([]checkDocument, 0, len(r.Checks))
	for _, c := range r.Checks {
		checks = append(checks, checkDocument{ID: c.ID, Title: c.Title, Result: string(c.Result), Detail: core.Text{ZH: clean(c.Detail.ZH), EN: clean(c.Detail.EN)}})
	}
	stored, err := json.Marshal(checks)
	if err != nil {
		return fmt.Errorf("postgres: a plugin's report: %w", err)
	}
	if _, err := d.s.change(ctx, reportSave, r.PluginID, sum, r.Version, stamp{r.RanAt}, r.Passed, rawJSON(stored)); err != nil {
		return err
	}
	_, err = d.s.change(ctx, reportPrune, r.PluginID)
	return err
}
