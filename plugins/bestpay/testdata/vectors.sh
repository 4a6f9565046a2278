#!/bin/sh
# Signs with openssl what the document says is signed (seed 001, 1.3): every field but sign,
# sorted by name, name=value joined with &. The texts below are written by hand, so that they
# witness against the plugin's own order and spelling. It writes vectors.txt (our requests) and
# the platform's messages: BP4-*.request.golden and all other *.reply.golden.
# The keys here exist for these tests only.
set -eu
cd "$(dirname "$0")"

sign() { printf '%s' "$3" | openssl dgst "-$1" -sign "$2" | openssl base64 -A; }

# request NAME TEXT: our request, SHA256withRSA.
request() { echo "$1 $(sign sha256 merchant.key.pem "$2")"; }

# platform FILE TEXT JSON: a message of the platform's, SHA1withRSA; @SIGN@ is its place.
platform() {
	signature=$(sign sha1 platform.key.pem "$2")
	printf '%s' "${3%%@SIGN@*}$signature${3#*@SIGN@}" >"$1"
}

notify=https://pay.example/in/0123456789
who='institutionCode=3178000000000001&merchantNo=3178033512345678'
order=26010100010000000001
created='2026-01-01 11:59:58'

{
	request BP1-barcode "goodsInfo=咖啡/一杯=1&糖\\无&institutionCode=3178000000000001&mediumNo=510000000000000001&merchantNo=3178033512345678"'&notifyUrl='"$notify"'p&operator=收银员 <1>&outTradeNo='"$order"'&remark=窗口=3&班次=早&requestDate='"$created"'&subject=拿铁 <大> & "热" 1/2 ☕&timeOut=120&tradeAmt=9223372036854775807'
	request BP1-barcode-bare "goodsInfo=$order&institutionCode=3178000000000001&mediumNo=130000000000000001&merchantNo=3178033512345678&notifyUrl=${notify}p&operator=system&outTradeNo=$order&requestDate=$created&subject=$order&timeOut=1500&tradeAmt=1"
	request BP2-alipay-qr "goodsInfo=拿铁一杯&$who&notifyUrl=${notify}p&operator=cashier-1&outTradeNo=$order&requestDate=$created&subject=咖啡&timeOut=1500&tradeAmt=100&tradeType=ALIPAY"
	request BP2-bestpay-h5 "goodsInfo=拿铁一杯&$who&notifyUrl=${notify}p&operator=cashier-1&outTradeNo=$order&remark=&requestDate=$created&subject=咖啡&timeOut=1500&tradeAmt=100&tradeType=BESTPAY&userCode="
	request BP2-tenpay-jsapi "goodsInfo=拿铁一杯&$who&notifyUrl=${notify}p&operator=cashier-1&outTradeNo=$order&requestDate=$created&subject=咖啡&timeOut=1500&tradeAmt=100&tradeType=TENPAY&userCode=oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
	request BP3-query "$who&outTradeNo=$order&tradeDate=$created"
	request BP3-check-in "$who&outTradeNo=00010100000000000000&tradeDate=2026-01-01 12:00:00"
	request BP5-refund "$who&notifyUrl=${notify}r&operator=cashier-1&outRequestNo=26010100010000000002&outTradeNo=$order&refundAmt=30&refundCause=少一件&requestDate=$created"
	request BP6-query-refund "$who&outRequestNo=26010100010000000002&outTradeNo=$order&refundDate=$created"
} >vectors.txt

# A nested result is compact JSON with its names sorted and nulls kept, whatever the order and
# the spaces in which it is sent.
platform BP1-barcode.reply.golden \
	'errorCode=null&errorMsg=null&result={"bankRequestNo":"2026010122001","disCountAmt":10,"merchantNo":"3178033512345678","outTradeNo":"26010100010000000001","payAmt":9223372036854775797,"tradeAmt":9223372036854775807,"tradeNo":"20260101000000000011","tradeStatus":"SUCCESS","tradeprodNo":"20260101000000000012"}&success=true' \
	'{"success": true, "errorCode": null, "errorMsg": null, "result": {"tradeNo": "20260101000000000011", "tradeprodNo": "20260101000000000012", "merchantNo": "3178033512345678", "tradeStatus": "SUCCESS", "outTradeNo": "26010100010000000001", "tradeAmt": 9223372036854775807, "payAmt": 9223372036854775797, "disCountAmt": 10, "bankRequestNo": "2026010122001"}, "sign": "@SIGN@"}'

platform BP1-barcode-bare.reply.golden \
	'errorCode=SYS_001&errorMsg=处理失败, 请稍候&result=null&success=false' \
	'{"success":false,"errorCode":"SYS_001","errorMsg":"处理失败, 请稍候","result":null,"sign":"@SIGN@"}'

placed='"merchantNo":"3178033512345678","outTradeNo":"26010100010000000001","paymentUrl":"https://pay.bestpay.invalid/h5?order=1&from=<app>","tradeAmt":100,"tradeNo":"20260101000000000011","tradeStatus":"WAITFORPAY","tradeprodNo":"20260101000000000012"}'
for name in BP2-alipay-qr BP2-bestpay-h5 BP2-tenpay-jsapi; do
	platform $name.reply.golden \
		'errorCode=null&errorMsg=null&result={"bankRequestNo":null,'"$placed"'&success=true' \
		'{"sign":"@SIGN@","success":true,"errorCode":null,"errorMsg":null,"result":{"bankRequestNo":null,'"$placed"'}'
done

platform BP3-query.reply.golden \
	'errorCode=null&errorMsg=null&result={"errorMsgCode":"BAL_001","errorMsgDesc":"余额不足","tradeStatus":"FAIL"}&success=true' \
	'{"success":true,"errorCode":null,"errorMsg":null,"result":{"tradeStatus":"FAIL","errorMsgCode":"BAL_001","errorMsgDesc":"余额不足"},"sign":"@SIGN@"}'

platform BP3-check-in.reply.golden \
	'errorCode=NO_ORDER&errorMsg=订单不存在&success=false' \
	'{"success":false,"errorCode":"NO_ORDER","errorMsg":"订单不存在","sign":"@SIGN@"}'

platform BP5-refund.reply.golden \
	'errorCode=null&errorMsg=null&result={"buyerLoginNo":"133****0000","outTradeNo":"26010100010000000002","refundAmt":30,"tradeNo":"20260101000000000021","tradeStatus":"WAITFORPAY","tradeprodNo":"20260101000000000022"}&success=true' \
	'{"success":true,"errorCode":null,"errorMsg":null,"result":{"tradeNo":"20260101000000000021","refundAmt":30,"tradeStatus":"WAITFORPAY","outTradeNo":"26010100010000000002","tradeprodNo":"20260101000000000022","buyerLoginNo":"133****0000"},"sign":"@SIGN@"}'

# A result that is a string counts as that string, in its own order.
platform BP6-query-refund.reply.golden \
	'errorCode=null&errorMsg=null&result={"tradeStatus":"SUCCESS","outTradeNo":"26010100010000000001","tradeNo":"20260101000000000021","outRequestNo":"26010100010000000002","refundCause":"少一件","refundAmt":30,"tradeAmt":100,"refundRequestDate":"2026-01-01 11:59:58"}&success=true' \
	'{"success":true,"errorCode":null,"errorMsg":null,"result":"{\"tradeStatus\":\"SUCCESS\",\"outTradeNo\":\"26010100010000000001\",\"tradeNo\":\"20260101000000000021\",\"outRequestNo\":\"26010100010000000002\",\"refundCause\":\"少一件\",\"refundAmt\":30,\"tradeAmt\":100,\"refundRequestDate\":\"2026-01-01 11:59:58\"}","sign":"@SIGN@"}'

for name in BP4-payment BP4-payment-string; do
	platform $name.request.golden \
		'ccy=CNY&discountAmt=10&goodsInfo=拿铁 <大> & "热" 1/2&institutionCode=3178000000000001&merchantNo=3178033512345678&originalTradeNo=null&outTradeNo=26010100010000000001&payAmt=90&resultCode=null&resultMsg=null&tradeAmt=100&tradeFinishedDate=20260101120001&tradeNo=20260101000000000011&tradeStatus=SUCCESS&tradeType=REAL_TIM' \
		'{"tradeNo":"20260101000000000011","outTradeNo":"26010100010000000001","tradeType":"REAL_TIM","tradeAmt":100,"tradeFinishedDate":"20260101120001","merchantNo":"3178033512345678","payAmt":90,"discountAmt":10,"ccy":"CNY","tradeStatus":"SUCCESS","goodsInfo":"拿铁 <大> & \"热\" 1\/2","resultCode":null,"resultMsg":null,"originalTradeNo":null,"institutionCode":"3178000000000001","sign":"@SIGN@"}'
done

platform BP4-refund.request.golden \
	'ccy=CNY&goodsInfo=咖啡&institutionCode=3178000000000001&merchantNo=3178033512345678&originalTradeNo=20260101000000000011&outTradeNo=26010100010000000001&payAmt=30&tradeAmt=30&tradeFinishedDate=20260101120500&tradeNo=20260101000000000021&tradeStatus=SUCCESS&tradeType=REFUND' \
	'{"tradeNo":"20260101000000000021","outTradeNo":"26010100010000000001","tradeType":"REFUND","tradeAmt":30,"tradeFinishedDate":"20260101120500","merchantNo":"3178033512345678","payAmt":30,"ccy":"CNY","tradeStatus":"SUCCESS","goodsInfo":"咖啡","originalTradeNo":"20260101000000000011","institutionCode":"3178000000000001","sign":"@SIGN@"}'
