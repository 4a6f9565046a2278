package mmsp

// The return codes of the payout product (6.2) that the simulator's own rules answer. All the others of the list are
// answered through a fault's code.
const (
	rcSuccess        = "0000" // look at PAYSTATE
	rcUnknown        = "0001" // query, whatever PAYSTATE says
	rcBadRequest     = "0002"
	rcBadParameter   = "1001"
	rcNoMerchant     = "1002"
	rcNoKey          = "1004"
	rcEncryption     = "1005"
	rcSignature      = "1006"
	rcVersion        = "1007"
	rcRepeated       = "1008"
	rcSystemFault    = "1009"
	rcBusinessType   = "1011"
	rcAmount         = "1012"
	rcPayeeName      = "1014"
	rcPayeeMobile    = "1015"
	rcPayeeID        = "1017"
	rcPayeeAccount   = "1018"
	rcAccountType    = "1019"
	rcBankName       = "1020"
	rcBankNumber     = "1021"
	rcBankProvince   = "1022"
	rcElements       = "1023"
	rcNoNumber       = "1027"
	rcNoOrder        = "1028"
	rcNoPlatformNo   = "1029"
	rcPayoutAmount   = "1030"
	rcBalance        = "1031"
	rcNoChannel      = "1032"
	rcChannelClosed  = "1036"
	rcSuspended      = "1039"
	rcAccountFrozen  = "1047"
	rcNoAdvance      = "1048"
	rcAdvanceBalance = "1049"
)

// rcMessages is the whole list of 6.2, in the document's words: payer where the payee is meant.
var rcMessages = map[string]string{
	rcSuccess:        "交易成功",
	rcUnknown:        "系统异常，需要发起订单查询",
	rcBadRequest:     "上送参数有问题",
	rcBadParameter:   "参数错误",
	rcNoMerchant:     "不存在此商户或商户未激活",
	"1003":           "平台配置错误",
	rcNoKey:          "商户未生成证书",
	rcEncryption:     "加密错误",
	rcSignature:      "签名错误",
	rcVersion:        "版本号错误",
	rcRepeated:       "流水号重复",
	rcSystemFault:    "系统故障",
	"1010":           "不支持的银行",
	rcBusinessType:   "业务类型错误",
	rcAmount:         "总金额错误或交易存在风险",
	"1013":           "金额类型错误",
	rcPayeeName:      "付款人姓名错误",
	rcPayeeMobile:    "付款人手机号码错误信息",
	rcPayeeID:        "付款人证件类型错误",
	rcPayeeAccount:   "付款人账号错误",
	rcAccountType:    "付款人账号类型错误",
	rcBankName:       "开户行名称错误",
	rcBankNumber:     "开户行银联机构号错误",
	rcBankProvince:   "开户行省份错误",
	rcElements:       "不满足渠道交易要素要求",
	"1024":           "身份验证不通过",
	"1025":           "银联机构号不支持",
	"1026":           "付款人信息不匹配",
	rcNoNumber:       "商户付款订单号和平台代付流水号不能同时为空",
	rcNoOrder:        "商户付款订单号不存在",
	rcNoPlatformNo:   "平台代付流水号不存在",
	rcPayoutAmount:   "代付金额错误",
	rcBalance:        "商户余额不足",
	rcNoChannel:      "商户未配置代付渠道",
	"1033":           "商户费率未配置",
	"1034":           "渠道商户费率未配置",
	"1035":           "渠道商户密钥未配置",
	rcChannelClosed:  "渠道暂未开通",
	"1037":           "渠道通讯异常",
	"1038":           "重复记账",
	rcSuspended:      "商户交易异常,暂停交易",
	"1040":           "商户记账失败",
	"1045":           "商户未开通资金户",
	"1046":           "更新实时余额失败",
	rcAccountFrozen:  "商户资金户异常",
	rcNoAdvance:      "商户未开通垫资垫付",
	rcAdvanceBalance: "商户垫资余额不足",
}

// The states of a payout, PAYSTATE (5.1.3, 5.2.3). 4 is not in the document but answered by the provider in practice.
const (
	payStatePaid     = "1"
	payStatePaying   = "2"
	payStateFailed   = "3"
	payStateReturned = "4"
	payStateReview   = "5"
)

func payStateText(state string) string {
	switch state {
	case payStatePaid:
		return "付款成功"
	case payStatePaying:
		return "付款中"
	case payStateFailed:
		return "付款失败"
	case payStateReturned:
		return "银行退票"
	case payStateReview:
		return "代付请求已受理，等待审核"
	}
	return ""
}
