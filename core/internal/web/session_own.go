package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core/api"
)

// UpdateProfile changes the caller's name.
func (o *operations) UpdateProfile(ctx context.Context, r api.UpdateProfileRequestObject) (api.UpdateProfileResponseObject, error) {
	me, err := o.opt.People.Rename(ctx, r.Body.Name)
	if err != nil {
		return nil, err
	}
	return api.UpdateProfile200JSONResponse(meOf(me)), nil
}

// EndOtherSessions signs the caller's other browsers out.
func (o *operations) EndOtherSessions(ctx context.Context, _ api.EndOtherSessionsRequestObject) (api.EndOtherSessionsResponseObject, error) {
	if err := o.opt.People.EndOtherSessions(ctx); err != nil {
		return nil, err
	}
	return api.EndOtherSessions204Response{}, nil
}

// RenewRecoveryCodes shows new recovery codes once.
func (o *operations) RenewRecoveryCodes(ctx context.Context, _ api.RenewRecoveryCodesRequestObject) (api.RenewRecoveryCodesResponseObject, error) {
	codes, err := o.opt.People.RenewRecoveryCodes(ctx)
	if err != nil {
		return nil, err
	}
	return api.RenewRecoveryCodes200JSONResponse{RecoveryCodes: list(codes)}, nil
}

// DisableTOTP ends the caller's one-time codes.
func (o *operations) DisableTOTP(ctx context.Context, _ api.DisableTOTPRequestObject) (api.DisableTOTPResponseObject, error) {
	if err := o.opt.People.DisableTOTP(ctx); err != nil {
		return nil, err
	}
	return api.DisableTOTP204Response{}, nil
}
