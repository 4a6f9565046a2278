package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListAlertChannels lists where alerts are told.
func (o *operations) ListAlertChannels(ctx context.Context, _ api.ListAlertChannelsRequestObject) (api.ListAlertChannelsResponseObject, error) {
	rows, err := o.opt.AlertChannels.ListAlertChannels(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListAlertChannels200JSONResponse{Items: each(rows, alertChannelOf)}, nil
}

// CreateAlertChannel adds a channel.
func (o *operations) CreateAlertChannel(ctx context.Context, r api.CreateAlertChannelRequestObject) (api.CreateAlertChannelResponseObject, error) {
	reply, err := o.opt.AlertChannels.CreateAlertChannel(ctx, alertChannelInput(*r.Body))
	if err != nil {
		return nil, err
	}
	return api.CreateAlertChannel201JSONResponse{Channel: alertChannelOf(reply.Channel), Secret: string(reply.Secret.Reveal())}, nil
}

// UpdateAlertChannel changes a channel.
func (o *operations) UpdateAlertChannel(ctx context.Context, r api.UpdateAlertChannelRequestObject) (api.UpdateAlertChannelResponseObject, error) {
	id, err := pathID(core.PrefixChannel, r.ChannelID)
	if err != nil {
		return nil, err
	}
	c, err := o.opt.AlertChannels.UpdateAlertChannel(ctx, id, alertChannelInput(*r.Body))
	if err != nil {
		return nil, err
	}
	return api.UpdateAlertChannel200JSONResponse(alertChannelOf(c)), nil
}

// RemoveAlertChannel removes a channel.
func (o *operations) RemoveAlertChannel(ctx context.Context, r api.RemoveAlertChannelRequestObject) (api.RemoveAlertChannelResponseObject, error) {
	id, err := pathID(core.PrefixChannel, r.ChannelID)
	if err != nil {
		return nil, err
	}
	if err := o.opt.AlertChannels.RemoveAlertChannel(ctx, id); err != nil {
		return nil, err
	}
	return api.RemoveAlertChannel204Response{}, nil
}

// TestAlertChannel sends a test message.
func (o *operations) TestAlertChannel(ctx context.Context, r api.TestAlertChannelRequestObject) (api.TestAlertChannelResponseObject, error) {
	id, err := pathID(core.PrefixChannel, r.ChannelID)
	if err != nil {
		return nil, err
	}
	if err := o.opt.AlertChannels.TestAlertChannel(ctx, id); err != nil {
		return nil, err
	}
	return api.TestAlertChannel204Response{}, nil
}

func alertChannelInput(r api.AlertChannelRequest) core.AlertChannelInput {
	return core.AlertChannelInput{
		Name: r.Name, Type: core.AlertChannelType(r.Type), Recipients: r.Recipients, URL: r.URL.Secret, Secret: r.Secret.Secret,
		Kinds: states[core.AlertKind](r.Kinds), Least: core.AlertSeverity(r.Least), Language: string(r.Language), Disabled: r.Disabled,
	}
}

func alertChannelOf(c core.AlertChannel) api.AlertChannel {
	return api.AlertChannel{
		ID: id(core.PrefixChannel, c.ID), TenantID: id(core.PrefixTenant, c.TenantID), Name: c.Name, Type: api.AlertChannelType(c.Type),
		Recipients: list(c.Recipients), Address: c.Display, Signed: c.Signed, Kinds: texts(c.Kinds), Least: api.AlertSeverity(c.Least),
		Language: c.Language, Disabled: c.Disabled, LastAt: utc(c.LastAt), LastError: c.LastError, TestedAt: utc(c.TestedAt),
		CreatedAt: utc(c.CreatedAt), UpdatedAt: utc(c.UpdatedAt),
	}
}
