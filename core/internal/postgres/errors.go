package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

// SQLSTATE values we act on.
const (
	stateUniqueViolation     = "23505"
	stateForeignKeyViolation = "23503"
	stateCheckViolation      = "23514"
	stateDeadlock            = "40P01"
	stateSerialization       = "40001"
	stateQueryCanceled       = "57014"
	stateLockNotAvailable    = "55P03"
	stateDuplicateObject     = "42710"
	stateInsufficient        = "42501"
	stateUndefinedTable      = "42P01"
	stateInvalidParameter    = "22023"
	stateInvalidRole         = "0L"
	stateInternal            = "XX000"
	stateReadOnly            = "25006"
)

// translate turns a statement's error into core's. Nothing was committed when a statement fails.
func translate(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*core.Error](err); ok {
		return known
	}
	if ctx.Err() != nil {
		return fmt.Errorf("postgres: %w", ctx.Err())
	}
	refused, ok := errors.AsType[*pq.Error](err)
	if !ok {
		if isConnectionError(err) {
			return unavailable(err)
		}
		return fmt.Errorf("postgres: %w", err)
	}
	switch string(refused.Code) {
	case stateUniqueViolation:
		return uniqueViolation(refused)
	case stateForeignKeyViolation:
		return missingReference(refused)
	case stateCheckViolation:
		if refused.Constraint == "payments_refundable" {
			return core.Wrap(err, core.CodeRefundExceeds, "More than what is left of the payment.").At("amount")
		}
	case stateDeadlock, stateSerialization:
		return core.Wrap(err, core.CodeConflict, "Another request changed the same thing at the same moment. Try again.")
	case stateQueryCanceled, stateLockNotAvailable:
		return core.Wrap(err, core.CodeDatabaseUnavailable, "The database took too long; nothing was done. Try again.")
	}
	if isServerGone(refused) {
		return unavailable(err)
	}
	return fmt.Errorf("postgres: %w", err)
}

func uniqueViolation(err *pq.Error) error {
	switch err.Constraint {
	case "payments_merchant_order_no":
		return core.Wrap(err, core.CodeOrderNoUsed, "This order number was used for another payment. Use a new one.").At("merchant_order_no")
	case "refunds_merchant_refund_no":
		return core.Wrap(err, core.CodeOrderNoUsed, "This refund number was used for another refund. Use a new one.").At("merchant_refund_no")
	case "payouts_merchant_payout_no":
		return core.Wrap(err, core.CodeOrderNoUsed, "This payout number was used for another payout. Use a new one.").At("merchant_payout_no")
	case "payout_batches_same_file":
		return core.Wrap(err, core.CodeConflict, "The same file was taken in before. Send it with again if it is to be paid once more.").At("file")
	case "bill_mappings_name":
		return core.Wrap(err, core.CodeConflict, "A mapping of this provider has this name already.").At("name")
	case "attempts_payout_sent_once":
		return core.Wrap(err, core.CodeConflict, "The payout was sent before; it is never sent twice.")
	case "entries_once":
		return core.Wrap(err, core.CodeConflict, "This movement is in the books already.")
	case "resolutions_pending":
		return core.Wrap(err, core.CodeConflict, "A decision about this order waits for the second person already.")
	case "users_email":
		return core.Wrap(err, core.CodeConflict, "There is a user with this e-mail address already.").At("email")
	case "stores_code":
		return core.Wrap(err, core.CodeConflict, "There is a store with this code already.").At("code")
	case "freezes_in_force":
		return core.Wrap(err, core.CodeConflict, "This is frozen already.")
	case "terminals_code":
		return core.Wrap(err, core.CodeConflict, "There is a terminal with this code in the store already.").At("code")
	}
	return core.Wrap(err, core.CodeConflict, "It exists already.")
}

// missingReference names what the row points at. A row of another tenant is as missing as none.
func missingReference(err *pq.Error) error {
	_, what, ok := strings.Cut(err.Constraint, "_")
	if i := strings.LastIndexByte(err.Constraint, '_'); i >= 0 {
		what = err.Constraint[i+1:]
	}
	if !ok || what == "fkey" {
		what = "object"
	}
	notFound := core.Wrap(err, core.CodeNotFound, "%s", core.NotFound(what).Message)
	if what != "object" {
		return notFound.At(what + "_id")
	}
	return notFound
}

func unavailable(err error) error {
	return core.Wrap(err, core.CodeDatabaseUnavailable, "The database cannot be reached; nothing was done. Try again in a moment.")
}

// openingError says, when the server cannot be used at all, what the operator must do.
func openingError(err error) error {
	refused, ok := errors.AsType[*pq.Error](err)
	if !ok {
		return core.Wrap(err, core.CodeDatabaseUnavailable, "PostgreSQL cannot be reached at the address of the database URL. Check that it runs and that the address is right.")
	}
	code := string(refused.Code)
	switch {
	case strings.HasPrefix(code, "28"):
		return core.Wrap(err, core.CodeDatabaseUnavailable, "PostgreSQL refuses the user or the password of the database URL.")
	case code == "3D000":
		return core.Wrap(err, core.CodeDatabaseUnavailable, "PostgreSQL has no database of the name in the database URL. Create it, then run: zhanggui migrate")
	case code == stateUndefinedTable, code == "3F000", code == stateInvalidParameter, strings.HasPrefix(code, stateInvalidRole):
		return core.Wrap(err, core.CodeDatabaseUnavailable, "The database is not set up for this program. Run: zhanggui migrate")
	case code == stateInsufficient:
		return core.Wrap(err, core.CodeDatabaseUnavailable,
			"The database user lacks a role. A host needs two: let the database administrator run GRANT %s, %s TO the user of the database URL;"+
				" what changes the schema or the epoch needs an owner's URL instead.", roleApp, rolePlatform)
	}
	return core.Wrap(err, core.CodeDatabaseUnavailable, "PostgreSQL answers, but cannot work now: %s.", refused.Message)
}

// commitError judges an error of COMMIT. Only a refusal that the server itself pronounced
// means that nothing was committed. A transaction that wrote nothing has no outcome to doubt.
func commitError(err error, wrote bool) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, pq.ErrInFailedTransaction) || errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("postgres: commit: %w", err)
	}
	if refused, ok := errors.AsType[*pq.Error](err); ok && !refused.Fatal() && !isServerGone(refused) && string(refused.Code) != stateQueryCanceled {
		return translate(context.Background(), err)
	}
	if !wrote {
		return unavailable(err)
	}
	return core.Wrap(err, core.CodeOutcomeUnknown, "The database did not confirm the change. It may have been made: look before you try again.")
}

// isServerGone says that the server ends the session: shutdown, crash, too many connections.
func isServerGone(err *pq.Error) bool {
	class := string(err.Code)[:2]
	return class == "08" || class == "57" || class == "53" || err.Fatal() || string(err.Code) == stateReadOnly
}

func isConnectionError(err error) bool {
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	for _, target := range []error{
		driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, os.ErrDeadlineExceeded,
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE, syscall.ENOENT,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
