package mmsp

import (
	"slices"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// The operations of the scan product, as faults, violations and calls name them.
const (
	OpScanWechatPreorder   = "scan-wechat-preorder"   // 5.1
	OpScanWechatBarcode    = "scan-wechat-barcode"    // 5.2
	OpScanWechatH5         = "scan-wechat-h5"         // 5.3
	OpScanAlipayPreorder   = "scan-alipay-preorder"   // 6.1
	OpScanAlipayBarcode    = "scan-alipay-barcode"    // 6.2
	OpScanAlipayStatic     = "scan-alipay-static"     // 6.3
	OpScanAlipayDynamic    = "scan-alipay-dynamic"    // 6.4
	OpScanAlipayH5         = "scan-alipay-h5"         // 6.5
	OpScanQQPreorder       = "scan-qq-preorder"       // 7.1
	OpScanQQBarcode        = "scan-qq-barcode"        // 7.2
	OpScanJDPreorder       = "scan-jd-preorder"       // 8.1
	OpScanUnionPayPreorder = "scan-unionpay-preorder" // 9.1
	OpScanWakeUp           = "scan-wakeup"            // 10.1
	OpScanIdentity         = "scan-identity"          // 10.2
	OpScanQuery            = "scan-query"             // 10.3
	OpScanCancel           = "scan-cancel"            // 10.4
	OpScanClose            = "scan-close"             // 10.5
	OpScanRefund           = "scan-refund"            // 10.6
	OpScanRefundQuery      = "scan-refund-query"      // 10.7
)

// The commands of the scan product (3.2.1). QQ's barcode is printed as 0x0308, which belongs to quick; its reply's
// 0x8916 gives it away.
const (
	cmdScanUnionPayPreorder = 0x0401
	cmdScanAlipayStatic     = 0x0402
	cmdScanAlipayDynamic    = 0x0403
	cmdScanAlipayH5         = 0x0406
	cmdScanJDPreorder       = 0x0407
	cmdScanWechatPreorder   = 0x0902
	cmdScanWechatBarcode    = 0x0903
	cmdScanAlipayPreorder   = 0x0904
	cmdScanAlipayBarcode    = 0x0905
	cmdScanQuery            = 0x0906
	cmdScanCancel           = 0x0907
	cmdScanRefund           = 0x0908
	cmdScanRefundQuery      = 0x0909
	cmdScanClose            = 0x090A
	cmdScanWechatH5         = 0x0911
	cmdScanNotify           = 0x0914
	cmdScanQQPreorder       = 0x0915
	cmdScanQQBarcode        = 0x0916
)

// scanOperations are the commands of the scan product.
func (s *Simulator) scanOperations() []*operation {
	return slices.Concat(s.scanPreorders(), s.scanDirect(), s.scanFollowing())
}

// scanPreorders place an order that the payer pays later: by scanning its code, or inside the wallet's pages.
func (s *Simulator) scanPreorders() []*operation {
	row := func(name string, command int, wallet Wallet, fields []frame.Field, check func(frame.Object) []frame.Problem) *operation {
		return &operation{
			name: name, command: command, fields: fields, check: check,
			run:   func(req *request) answer { return s.preorder(req, wallet) },
			kinds: []faults.Kind{FaultPending, FaultFail, FaultWrongOrder},
		}
	}
	scanned := preorderFields(tradeScanned)
	return []*operation{
		row(OpScanWechatPreorder, cmdScanWechatPreorder, WalletWechat, wechatPreorderFields(), wechatUser),
		row(OpScanAlipayPreorder, cmdScanAlipayPreorder, WalletAlipay, alipayPreorderFields(), alipayUser),
		row(OpScanAlipayStatic, cmdScanAlipayStatic, WalletAlipay, scanned, nil),
		row(OpScanAlipayDynamic, cmdScanAlipayDynamic, WalletAlipay, scanned, nil),
		row(OpScanQQPreorder, cmdScanQQPreorder, WalletQQ, qqPreorderFields(), nil),
		row(OpScanJDPreorder, cmdScanJDPreorder, WalletJD, scanned, nil),
		row(OpScanUnionPayPreorder, cmdScanUnionPayPreorder, WalletUnionPay, scanned, nil),
	}
}

// scanDirect are the payments by the payer's code, and those that open the wallet from a browser.
func (s *Simulator) scanDirect() []*operation {
	barcode := func(name string, command int, wallet Wallet) *operation {
		return &operation{
			name: name, command: command, fields: barcodeFields(), payer: "CODE",
			run:   func(req *request) answer { return s.barcode(req, wallet) },
			kinds: []faults.Kind{FaultPending, FaultFail, FaultUncertain, FaultWrongOrder},
		}
	}
	h5 := func(name string, command int, wallet Wallet, fields []frame.Field) *operation {
		return &operation{
			name: name, command: command, fields: fields,
			run:   func(req *request) answer { return s.h5(req, wallet) },
			kinds: []faults.Kind{FaultPending, FaultFail, FaultWrongOrder},
		}
	}
	return []*operation{
		barcode(OpScanWechatBarcode, cmdScanWechatBarcode, WalletWechat),
		barcode(OpScanAlipayBarcode, cmdScanAlipayBarcode, WalletAlipay),
		barcode(OpScanQQBarcode, cmdScanQQBarcode, WalletQQ),
		h5(OpScanWechatH5, cmdScanWechatH5, WalletWechat, wechatH5Fields()),
		h5(OpScanAlipayH5, cmdScanAlipayH5, WalletAlipay, h5Fields()),
	}
}

// scanFollowing are the commands about an order or refund that is there.
func (s *Simulator) scanFollowing() []*operation {
	shown := []faults.Kind{FaultNotExist, FaultWrongAmount, FaultWrongOrder}
	changing := append([]faults.Kind{FaultFail, FaultUncertain}, shown...)
	oneNumber := either("ORDERNO", "MERORDERID")
	return []*operation{
		{name: OpScanQuery, command: cmdScanQuery, fields: followFields(), check: oneNumber, run: s.scanQuery, kinds: shown},
		{
			name: OpScanCancel, command: cmdScanCancel, fields: followFields(), check: oneNumber, run: s.scanCancel, kinds: changing,
			certificate: true,
		},
		{name: OpScanClose, command: cmdScanClose, fields: followFields(), check: oneNumber, run: s.scanClose, kinds: changing},
		{
			name: OpScanRefund, command: cmdScanRefund, fields: scanRefundFields(), check: oneNumber, run: s.scanRefund,
			kinds: append([]faults.Kind{FaultPending}, changing...), certificate: true,
		},
		{
			name: OpScanRefundQuery, command: cmdScanRefundQuery, fields: scanRefundQueryFields(),
			check: either("REFUND_ORDERNO", "REFUND_MERORDERID"), run: s.scanRefundQuery, kinds: shown,
		},
	}
}
