package mmsp

import (
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// Where the products are. The document leaves the addresses to the provider's staff, except the wake-up page's (10.1).
const (
	PathScan    = "/scan"
	PathQuick   = "/quick"
	PathGateway = "/gateway"
	PathPayout  = "/payout"
)

// The products, as they stand in Order.Product.
const (
	ProductScan    = "scan"
	ProductQuick   = "quick"
	ProductGateway = "gateway"
	ProductPayout  = "payout"
)

// product is one of the three with the MD5 envelope.
type product struct {
	name     string
	nodeID   string // openplat in scan, openapi in quick and gateway
	commands map[int]*operation
}

// operation is one command of a product.
type operation struct {
	product string
	name    string // in faults, violations and counts; begins with the product
	command int    // CommandID of the request; the reply's is 0x8000 more
	// fields are those of Body; required, type, lengths and format as documented.
	fields []frame.Field
	// check holds several fields against each other. It may be nil.
	check func(frame.Object) []frame.Problem
	// run does it. The faults fail, pending and uncertain are its business, by request.decision; serve.go does the others.
	run func(*request) answer
	// payer names the field with the payer's code or card, for Fault.PayerSuffix.
	payer string
	// kinds are the faults beyond everywhere's that this operation knows.
	kinds []faults.Kind
	// form: the message comes as the field web_api of a browser's form, not as the body (gateway 5.1).
	form bool
	// certificate: the document wants a client certificate (3.1).
	certificate bool
	// off: the document says it is switched off; answered by a refusal unless Options.Opened names it.
	off bool

	calls atomic.Int64
}

// page is an address that a browser visits with GET.
type page struct {
	name   string
	path   string
	fields []frame.Field // of the query string
	check  func(frame.Object) []frame.Problem
	run    func(http.ResponseWriter, *visit)
	calls  atomic.Int64
}

// visit is a browser's request for a page that passed every check.
type visit struct {
	page     *page
	query    frame.Object
	http     *http.Request
	decision faults.Decision
}

func (s *Simulator) routes() {
	s.products = map[string]*product{
		PathScan:    {name: ProductScan, nodeID: "openplat"},
		PathQuick:   {name: ProductQuick, nodeID: "openapi"},
		PathGateway: {name: ProductGateway, nodeID: "openapi"},
	}
	for path, rows := range map[string][]*operation{
		PathScan: s.scanOperations(), PathQuick: s.quickOperations(), PathGateway: s.gatewayOperations(),
	} {
		p := s.products[path]
		p.commands = make(map[int]*operation, len(rows))
		for _, op := range rows {
			op.product = p.name
			p.commands[op.command] = op
			s.operations = append(s.operations, op)
		}
	}
	s.operations = append(s.operations, s.payoutOperations()...)
	s.pages = make(map[string]*page)
	for _, rows := range [][]*page{s.scanPages(), s.quickPages(), s.gatewayPages()} {
		for _, one := range rows {
			s.pages[one.path] = one
		}
	}
}

// calls counts requests by operation, refused ones included.
func (s *Simulator) calls() map[string]*atomic.Int64 {
	counts := make(map[string]*atomic.Int64, len(s.operations)+len(s.pages))
	for _, op := range s.operations {
		counts[op.name] = &op.calls
	}
	for _, one := range s.pages {
		counts[one.name] = &one.calls
	}
	return counts
}

// everywhere are the faults that every message knows; pages know those that need no signed reply.
var everywhere = []faults.Kind{
	FaultDelay, FaultRefuse, FaultLostBefore, FaultLostAfter, FaultGarbage, FaultTruncated, FaultHTTP500,
	FaultSystemError, FaultBadSignature,
}

var onPages = []faults.Kind{FaultDelay, FaultRefuse, FaultLostBefore, FaultLostAfter, FaultHTTP500, FaultFail}

// checkFault refuses faults that this provider's operations do not have.
func (s *Simulator) checkFault(rule faults.Rule) error {
	for _, kind := range s.kindsOf(rule.Operation) {
		if kind == rule.Kind {
			return nil
		}
	}
	if _, known := s.calls()[rule.Operation]; !known && s.kindsOf(rule.Operation) == nil {
		return fmt.Errorf("mmsp has no operation %q", rule.Operation)
	}
	return fmt.Errorf("the operation %q of mmsp has no fault of kind %q", rule.Operation, rule.Kind)
}

func (s *Simulator) kindsOf(operation string) []faults.Kind {
	switch operation {
	case "":
		return everywhere
	case RowQuick, RowGateway:
		return onRows
	}
	for _, one := range s.pages {
		if one.name == operation {
			return onPages
		}
	}
	for _, op := range s.operations {
		if op.name == operation {
			return append(append([]faults.Kind{}, everywhere...), op.kinds...)
		}
	}
	return nil
}
