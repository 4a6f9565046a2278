package main

import (
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func gatewayProduct() sdk.Product {
	return sdk.Product{
		ID: productGateway, Name: sdk.Text{ZH: "网关支付", EN: "Gateway"},
		Capabilities: []sdk.Capability{sdk.CapCreatePayment, sdk.CapQueryPayment, sdk.CapListPayments, sdk.CapCheckIn, sdk.CapInbound},
		Methods: []sdk.MethodSpec{{
			Method: sdk.MethodGatewayForm, Name: sdk.Text{ZH: "网银支付", EN: "Bank page"},
			Channels: banks(), ChannelRequired: true, Browser: true,
		}},
		List: listRule(),
	}
}

// listRule is the reach of a list (quick 5.9.1, gateway 5.4.1): three months back from now,
// and 1,000 rows on a page. Three months have at least 89 days.
func listRule() *sdk.ListRule { return &sdk.ListRule{MaxRange: listReach, MaxRows: listRows} }

const (
	listReach = 89 * 24 * time.Hour
	listRows  = 1000
)

// banks are the codes of 8.1.1. The test environment takes YLBILL-NET-B2C alone (trap C24).
func banks() []sdk.Channel {
	return []sdk.Channel{
		{ID: "YLBILL-NET-B2C", Name: sdk.Text{ZH: "银联", EN: "UnionPay"}},
		{ID: "ICBC-NET-B2C", Name: sdk.Text{ZH: "工商银行", EN: "ICBC"}},
		{ID: "CMBCHINA-NET-B2C", Name: sdk.Text{ZH: "招商银行", EN: "China Merchants Bank"}},
		{ID: "ABC-NET-B2C", Name: sdk.Text{ZH: "中国农业银行", EN: "Agricultural Bank of China"}},
		{ID: "CCB-NET-B2C", Name: sdk.Text{ZH: "建设银行", EN: "China Construction Bank"}},
		{ID: "BCCB-NET-B2C", Name: sdk.Text{ZH: "北京银行", EN: "Bank of Beijing"}},
		{ID: "BOCO-NET-B2C", Name: sdk.Text{ZH: "交通银行", EN: "Bank of Communications"}},
		{ID: "CIB-NET-B2C", Name: sdk.Text{ZH: "兴业银行", EN: "Industrial Bank"}},
		{ID: "CMBC-NET-B2C", Name: sdk.Text{ZH: "中国民生银行", EN: "China Minsheng Bank"}},
		{ID: "CEB-NET-B2C", Name: sdk.Text{ZH: "光大银行", EN: "China Everbright Bank"}},
		{ID: "BOC-NET-B2C", Name: sdk.Text{ZH: "中国银行", EN: "Bank of China"}},
		{ID: "PINGANBANK-NET-B2C", Name: sdk.Text{ZH: "平安银行", EN: "Ping An Bank"}},
		{ID: "ECITIC-NET-B2C", Name: sdk.Text{ZH: "中信银行", EN: "China CITIC Bank"}},
		{ID: "SDB-NET-B2C", Name: sdk.Text{ZH: "深圳发展银行", EN: "Shenzhen Development Bank"}},
		{ID: "GDB-NET-B2C", Name: sdk.Text{ZH: "广发银行", EN: "China Guangfa Bank"}},
		{ID: "SHB-NET-B2C", Name: sdk.Text{ZH: "上海银行", EN: "Bank of Shanghai"}},
		{ID: "SPDB-NET-B2C", Name: sdk.Text{ZH: "上海浦东发展银行", EN: "Shanghai Pudong Development Bank"}},
		{ID: "POST-NET-B2C", Name: sdk.Text{ZH: "中国邮政", EN: "China Post"}},
		{ID: "BJRCB-NET-B2C", Name: sdk.Text{ZH: "北京农村商业银行", EN: "Beijing Rural Commercial Bank"}},
		{ID: "HXB-NET-B2C", Name: sdk.Text{ZH: "华夏银行", EN: "Hua Xia Bank"}},
	}
}

func isBank(code string) bool {
	return slices.ContainsFunc(banks(), func(c sdk.Channel) bool { return c.ID == code })
}
