package main

// scanSettings are the settings of scan.
type scanSettings struct {
	WakeURL       string `json:"wake_url"`
	IdentifyURL   string `json:"identify_url"`
	RawPayInfo    bool   `json:"raw_pay_info"`
	Settlement    string `json:"settlement"`
	NoCreditCards bool   `json:"no_credit_cards"`
	OfficialAppID string `json:"official_account_appid"`
	MiniAppID     string `json:"mini_program_appid"`
	H5Expiry      string `json:"h5_expiry_format"`
	AlipayH5Jump  bool   `json:"alipay_h5_jump_url"`
	RefundFinal   bool   `json:"refund_accepted_is_final"`
	ZeroIsTaken   bool   `json:"scan_zero_is_taken"`
	Certificate   bool   `json:"use_client_certificate"`
}

func defaultScanSettings() scanSettings {
	return scanSettings{Settlement: "T1", H5Expiry: "second", AlipayH5Jump: true, RefundFinal: true}
}
