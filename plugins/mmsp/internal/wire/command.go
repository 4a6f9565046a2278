package wire

import "time"

// A Command is one kind of message: its number, and the product's way of writing it.
type Command struct {
	id      int
	product *product
}

// replyOffset lies between the number of a request and that of its reply; the general
// refusal is the offset alone (quick 3.2.1).
const replyOffset = 0x8000

// product is how one product's messages differ from the others'.
type product struct {
	nodeID    string   // trap Q4
	orderNo   []string // the provider's number of an order
	errorCode string   // trap Q12
	errorText string
	paidAt    string
	time      string
}

const (
	compactTime = "20060102150405"
	dashedTime  = time.DateTime
)

var (
	scan    = product{"openplat", []string{"ORDERNO"}, "ERR_CODE", "ERR_CODE_MSG", "PAYTIME", dashedTime}
	quick   = product{"openapi", []string{"LIST_ID"}, "ERRCODE", "ERRMSG", "PAY_DATE", compactTime}
	gateway = quick
)

// The messages of quick pay (quick 3.2.1). The sample of the single query prints 775, which
// is the unbinding; the table's 773 is right.
var (
	QuickPay          = Command{0x0303, &quick} // 771
	QuickConfirm      = Command{0x0304, &quick} // 772
	QuickQuery        = Command{0x0305, &quick} // 773
	QuickBind         = Command{0x0306, &quick} // 774
	QuickUnbind       = Command{0x0307, &quick} // 775
	QuickBindQuery    = Command{0x0308, &quick} // 776
	QuickList         = Command{0x0309, &quick} // 777
	QuickResend       = Command{0x030A, &quick} // 778
	QuickBoundPay     = Command{0x030B, &quick} // 779
	QuickBoundCode    = Command{0x030C, &quick} // 780
	QuickBindCode     = Command{0x030D, &quick} // 781
	QuickUnionPay     = Command{0x030F, &quick} // 783
	quickNotification = Command{35104, &quick}  // in no table, only in the sample of quick 5.5
)

// The messages of scan (scan 3.2.1). The QQ barcode is printed as 0x0308, which is quick
// pay's; its reply's number says what is right.
var (
	ScanWeChatOrder    = Command{0x0902, &scan} // 2306
	ScanWeChatBarcode  = Command{0x0903, &scan} // 2307
	ScanWeChatH5       = Command{0x0911, &scan} // 2321
	ScanAlipayOrder    = Command{0x0904, &scan} // 2308
	ScanAlipayBarcode  = Command{0x0905, &scan} // 2309
	ScanAlipayStatic   = Command{0x0402, &scan} // 1026
	ScanAlipayDynamic  = Command{0x0403, &scan} // 1027
	ScanAlipayH5       = Command{0x0406, &scan} // 1030
	ScanQQOrder        = Command{0x0915, &scan} // 2325
	ScanQQBarcode      = Command{0x0916, &scan} // 2326
	ScanJDOrder        = Command{0x0407, &scan} // 1031
	ScanUnionPayOrder  = Command{0x0401, &scan} // 1025
	ScanQuery          = Command{0x0906, &scan} // 2310
	ScanCancel         = Command{0x0907, &scan} // 2311
	ScanRefund         = Command{0x0908, &scan} // 2312
	ScanRefundQuery    = Command{0x0909, &scan} // 2313
	ScanClose          = Command{0x090A, &scan} // 2314
	scanNotification   = Command{0x0914, &scan} // 2324
	gatewayNotice      = Command{35104, &gateway}
	gatewayNoticeTable = Command{0x8912, &gateway} // 35090, by the gateway's table
)

// The messages of the gateway (gateway 3.2.1).
var (
	GatewayPay   = Command{0x0912, &gateway} // 2322
	GatewayQuery = Command{0x0913, &gateway} // 2323
	GatewayList  = Command{0x030E, &gateway} // 782
)

// Notifications are the messages with which a product's result comes to us.
type Notifications []Command

// The notifications by product. The sample of the gateway's prints 35104, its table 35090.
var (
	QuickNotifications   = Notifications{quickNotification}
	ScanNotifications    = Notifications{scanNotification}
	GatewayNotifications = Notifications{gatewayNotice, gatewayNoticeTable}
)

func (n Notifications) find(id int) (Command, bool) {
	for _, command := range n {
		if command.id == id {
			return command, true
		}
	}
	return Command{}, false
}
