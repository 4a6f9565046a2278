package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// Login signs a user in.
func (o *operations) Login(ctx context.Context, r api.LoginRequestObject) (api.LoginResponseObject, error) {
	info := infoFrom(ctx)
	reply, err := o.opt.People.Login(ctx, core.LoginInput{
		Email: r.Body.Email, Password: r.Body.Password.Secret, Code: r.Body.Code, IP: info.ip, UserAgent: info.userAgent,
	})
	if err != nil {
		return nil, err
	}
	return api.Login201JSONResponse{SessionStartedJSONResponse: o.started(reply)}, nil
}

// LoginByLink signs a user in by a one-time link.
func (o *operations) LoginByLink(ctx context.Context, r api.LoginByLinkRequestObject) (api.LoginByLinkResponseObject, error) {
	info := infoFrom(ctx)
	reply, err := o.opt.People.LoginByLink(ctx, core.LinkInput{
		Token: r.Body.Token.Secret, Password: r.Body.Password.Secret, Email: r.Body.Email, Name: r.Body.Name, IP: info.ip, UserAgent: info.userAgent,
	})
	if err != nil {
		return nil, err
	}
	return api.LoginByLink201JSONResponse{SessionStartedJSONResponse: o.started(reply)}, nil
}

// started answers with the new session's cookie; the token stands nowhere else.
func (o *operations) started(reply core.SessionReply) api.SessionStartedJSONResponse {
	me := meOf(reply.Me)
	me.CsrfToken = or(reply.CSRF, me.CsrfToken)
	return api.SessionStartedJSONResponse{
		Body:    api.SessionStart{ExpiresAt: utc(reply.ExpiresAt), Me: me},
		Headers: api.SessionStartedResponseHeaders{SetCookie: o.cookie.set(reply.Token, reply.ExpiresAt, o.opt.Clock())},
	}
}

// GetSession says who the caller is.
func (o *operations) GetSession(ctx context.Context, _ api.GetSessionRequestObject) (api.GetSessionResponseObject, error) {
	me, err := o.opt.People.Me(ctx)
	if err != nil {
		return nil, err
	}
	return api.GetSession200JSONResponse(meOf(me)), nil
}

// Logout ends the session.
func (o *operations) Logout(ctx context.Context, _ api.LogoutRequestObject) (api.LogoutResponseObject, error) {
	if err := o.opt.People.Logout(ctx); err != nil {
		return nil, err
	}
	return api.Logout204Response{Headers: api.SessionEndedResponseHeaders{SetCookie: o.cookie.clear()}}, nil
}

// StepUp confirms the user anew.
func (o *operations) StepUp(ctx context.Context, r api.StepUpRequestObject) (api.StepUpResponseObject, error) {
	if r.Body.Password.Empty() && r.Body.Code == "" {
		return nil, core.Errorf(core.CodeInvalidRequest, "Send the password or a one-time code.").At("password")
	}
	if err := o.opt.People.StepUp(ctx, r.Body.Password.Secret, r.Body.Code); err != nil {
		return nil, err
	}
	return api.StepUp204Response{}, nil
}

// ChangePassword changes the caller's password.
func (o *operations) ChangePassword(ctx context.Context, r api.ChangePasswordRequestObject) (api.ChangePasswordResponseObject, error) {
	if err := o.opt.People.ChangePassword(ctx, r.Body.OldPassword.Secret, r.Body.NewPassword.Secret); err != nil {
		return nil, err
	}
	return api.ChangePassword204Response{}, nil
}

// BeginTOTP shows a new seed once.
func (o *operations) BeginTOTP(ctx context.Context, _ api.BeginTOTPRequestObject) (api.BeginTOTPResponseObject, error) {
	e, err := o.opt.People.BeginTOTP(ctx)
	if err != nil {
		return nil, err
	}
	return api.BeginTOTP200JSONResponse{URL: string(e.URL.Reveal()), Secret: string(e.Secret.Reveal())}, nil
}

// ConfirmTOTP makes the seed count.
func (o *operations) ConfirmTOTP(ctx context.Context, r api.ConfirmTOTPRequestObject) (api.ConfirmTOTPResponseObject, error) {
	recovery, err := o.opt.People.ConfirmTOTP(ctx, r.Body.Code)
	if err != nil {
		return nil, err
	}
	return api.ConfirmTOTP200JSONResponse{RecoveryCodes: list(recovery)}, nil
}

// ListSessions lists the caller's browsers.
func (o *operations) ListSessions(ctx context.Context, _ api.ListSessionsRequestObject) (api.ListSessionsResponseObject, error) {
	caller, err := core.IdentityFrom(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := o.opt.People.Sessions(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListSessions200JSONResponse{Items: each(rows, func(s core.Session) api.Session { return sessionOf(s, caller.SessionID) })}, nil
}

// EndSession signs one of the caller's browsers out.
func (o *operations) EndSession(ctx context.Context, r api.EndSessionRequestObject) (api.EndSessionResponseObject, error) {
	session, err := pathID(core.PrefixSession, r.SessionID)
	if err != nil {
		return nil, err
	}
	if err := o.opt.People.EndSession(ctx, session); err != nil {
		return nil, err
	}
	return api.EndSession204Response{}, nil
}
