package wechatpay

// certificates answers the platform's certificates, each encrypted under the merchant's APIv3 key.
func (s *Simulator) certificates(req *request) reply {
	if req.merchant.mode() == ModePublicKey {
		return refused(codeNotExists, "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥")
	}
	list, err := s.listed()
	if err != nil {
		return refused(codeSystem, err.Error())
	}
	out := make([]data, 0, len(list))
	flaw := cipherFlawOf(req.decision.Rule)
	for _, c := range list {
		box, err := s.seal(req.merchant.APIv3Key, "certificate", []byte(c.pem), flaw)
		if err != nil {
			return refused(codeSystem, err.Error())
		}
		named := algorithm
		if flaw == ForgeAlgorithm {
			named = "AEAD_SM4_128_GCM"
		}
		out = append(out, data{
			"serial_no": c.serial, "effective_time": rfc3339(c.from), "expire_time": rfc3339(c.to),
			"encrypt_certificate": data{
				"algorithm": named, "nonce": box.nonce, "associated_data": box.associated, "ciphertext": box.ciphertext,
			},
		})
	}
	return success(data{"data": out})
}
