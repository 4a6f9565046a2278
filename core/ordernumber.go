package core

import (
	"fmt"
	"time"
)

// OrderNumberLength fits every provider's shortest limit.
const OrderNumberLength = 20

// OrderNumber builds the platform's order number: yyMMdd in Beijing, the installation's
// random four-digit epoch (drawn anew after a restore, so that a restored sequence cannot
// repeat a number the provider already knows), and a ten-digit sequence.
func OrderNumber(at time.Time, epoch int, sequence int64) (string, error) {
	if epoch < 0 || epoch > 9999 {
		return "", fmt.Errorf("order number epoch %d is not four digits", epoch)
	}
	if sequence < 0 || sequence > 9_999_999_999 {
		return "", fmt.Errorf("order number sequence %d is not ten digits", sequence)
	}
	return fmt.Sprintf("%s%04d%010d", at.In(Beijing()).Format("060102"), epoch, sequence), nil
}
