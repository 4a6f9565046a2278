import { useMutation, useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/lib/api/client';
import { useRefresh } from '@/lib/queries';

export type Channel = Schemas['AlertChannel'];
export type ChannelInput = Schemas['AlertChannelRequest'];

export const channelTypes: Schemas['AlertChannelType'][] = ['mail', 'webhook', 'wecom', 'dingtalk', 'feishu'];

/** The robots that can check signatures with a secret of their own. */
export function signs(type: Schemas['AlertChannelType']): boolean {
  return type === 'dingtalk' || type === 'feishu';
}

export function useChannels() {
  return useQuery({ queryKey: ['alert-channels'], queryFn: () => call(() => api.GET('/v1/alert-channels')) });
}

/** Adds a channel, or changes the one with this id. Gives the secret that is shown once, if there is one. */
export function useSaveChannel(id: string | undefined) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: async (body: ChannelInput): Promise<string | undefined> => {
      if (!id) return (await call(() => api.POST('/v1/alert-channels', { body }))).secret;
      await call(() => api.PUT('/v1/alert-channels/{channel_id}', { params: { path: { channel_id: id } }, body }));
      return undefined;
    },
    onSettled: () => refresh('alert-channels'),
  });
}

export function useRemoveChannel(channel: Channel) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.DELETE('/v1/alert-channels/{channel_id}', { params: { path: { channel_id: channel.id } } })),
    onSettled: () => refresh('alert-channels'),
  });
}

export function useTestChannel(channel: Channel) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: () => call(() => api.POST('/v1/alert-channels/{channel_id}/test', { params: { path: { channel_id: channel.id } } })),
    onSettled: () => refresh('alert-channels'),
  });
}
