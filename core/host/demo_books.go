package host

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// demoBill is what the provider's file of yesterday says that nobody here knows of: time, order
// number, amount. The reconciliation has something to show on the first day.
var demoBill = [][3]string{ //nolint:gochecknoglobals // a constant table
	{"10:21:07", "90010100000000000017", "18.00"},
	{"19:45:32", "90010100000000000025", "126.50"},
}

// demoBooks brings the provider's bill file of yesterday, as a person would.
func (s demoSeeder) demoBooks(ctx context.Context, account core.ProviderAccount) error {
	if s.payments == 0 {
		return nil
	}
	mapping, err := s.service.SaveBillMapping(ctx, core.BillMapping{
		Name: "日账单", Provider: account.Provider, Unit: "yuan", TimeFormat: time.DateTime,
		Columns: map[string]string{"time": "交易时间", "order_no": "商户订单号", "amount": "金额"},
	})
	if err != nil {
		return fmt.Errorf("mapping of a bill: %w", err)
	}
	yesterday := core.DayOf(s.service.Clock()).Next(-1)
	var file strings.Builder
	file.WriteString("交易时间,商户订单号,金额\n")
	for _, row := range demoBill {
		fmt.Fprintf(&file, "%s %s,%s,%s\n", yesterday, row[0], row[1], row[2])
	}
	brought, err := s.service.CreateBillImport(ctx, core.CreateBillImportInput{
		AccountID: account.ID, Day: yesterday, MappingID: mapping.ID, FileName: fmt.Sprintf("账单-%s.csv", yesterday),
		Bytes: int64(file.Len()), ExpectedCount: int64(len(demoBill)), ExpectedAmount: -1,
	})
	if err != nil {
		return fmt.Errorf("bill file: %w", err)
	}
	if _, err := s.service.PutBillChunk(ctx, brought.ID, 0, []byte(file.String())); err != nil {
		return fmt.Errorf("bill file: %w", err)
	}
	if _, err := s.service.FinishBillImport(ctx, brought.ID); err != nil {
		return fmt.Errorf("bill file: %w", err)
	}
	return nil
}
